// RedisLink: the process's way to Redis: one pipelined connection that comes back by itself, and Lua scripts on it.
//
//   opening (RedisDoor) ──▶ up (hooks run) ──▶ lost ──▶ back-off with jitter ──▶ opening
//
// While it is down every ask fails at once with ErrorKind::Unavailable: nothing is kept, because what Redis is told can
// be told again. A Redis that does not answer in time is cut and connected anew, and so is one that says it is a
// replica: the next try may find the new primary. Loop only. Await stop() before it is
// destroyed, unless the loop has ended; coroutines that were asking then get their Error and touch the link no more.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "net/asio.h"
#include "queue/redis_value.h"

namespace waypost {

struct RedisLinkSettings {
  Secret url;                               // as parse_redis_url reads it
  std::chrono::milliseconds answer{2'000};  // for a connect and for each answer
  std::chrono::milliseconds pause_first{50};
  std::chrono::milliseconds pause_most{1'000};  // law 4 gives 5 s from Redis' return to the sweep's end
  std::string ca_file{};                        // for rediss://; empty: the system's authorities
  // "host:port" each. When there are any they say which host and port the URL's primary has.
  std::vector<std::string> sentinels{};
  std::string sentinel_name{"waypost"};  // by which they know the primary
  Secret sentinel_password{};            // of theirs; empty: none
  bool second = false;  // a process' further link to the same Redis: the first one's gauge and log lines say it all
};

// A script call. `text` must live for ever (a constant of queue/scripts.h): the link remembers scripts by it.
struct RedisCall {
  std::string_view text;
  RedisWords keys;
  RedisWords arguments;
};

class RedisLink {
 public:
  // InvalidInput for a bad URL, sentinel or file of authorities.
  static Result<std::unique_ptr<RedisLink>> make(asio::any_io_executor loop, const RedisLinkSettings& settings);
  RedisLink(const RedisLink&) = delete;
  RedisLink& operator=(const RedisLink&) = delete;
  ~RedisLink();

  // Begins to connect, once.
  void start();
  // Every ask fails from now on; returns when the connection is gone.
  awaitable<void> stop();

  bool is_up() const;
  // Why it is of no use, for an operator: "away: …" while it is down, else what Redis last refused to do for a reason
  // that passes ("Redis is out of memory …"), until it does it, or until ten seconds without a refusal. Empty: all is
  // well. Never holds a password.
  std::string words() const;
  // Connections made so far: a change tells of a reconnect.
  std::uint64_t connections() const;
  // Writes of the present connection, for tests and metrics of pipelining.
  std::uint64_t writes() const;
  // Unavailable when it is not up by then.
  awaitable<Result<void>> until_up(std::chrono::milliseconds limit);
  // Runs on the loop each time the link comes up. Kept until the link is gone: a hook must hold what it touches, or
  // a weak pointer to it.
  void on_connected(std::function<void()> hook);

  // One command. An error that Redis answers is an Error too (see redis_error).
  awaitable<Result<RedisValue>> ask(RedisWords words);
  // One script: its text the first time on a connection, then its hash. So scripts are done in the order they were
  // called, but behind a SCRIPT FLUSH: one that finds itself forgotten is sent again, and the others with their texts.
  awaitable<Result<RedisValue>> run(RedisCall call);
  // Rejected when Redis may evict keys (maxmemory-policy is not noeviction): the queues would lose keys in silence.
  awaitable<Result<void>> check_policy();

 private:
  struct State;
  explicit RedisLink(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
};

}  // namespace waypost
