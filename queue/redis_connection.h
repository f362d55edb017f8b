// RedisConnection: one socket to Redis, shared by many coroutines. It lives until its first error; then every waiting
// and every later ask is Unavailable, and a new one is made (RedisLink does). Loop only; held by shared_ptr.

#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "net/asio.h"
#include "queue/redis_protocol.h"
#include "queue/redis_stream.h"
#include "queue/redis_url.h"

namespace waypost {

class RedisConnection : public std::enable_shared_from_this<RedisConnection> {
 public:
  // `limit` bounds the connect and each answer: a Redis that answers later is as good as gone, and is cut.
  RedisConnection(asio::any_io_executor loop, std::chrono::milliseconds limit);

  // Once. Starts the coroutines that read, write and watch when it succeeds. `tls` may be null where the address does
  // without.
  awaitable<Result<void>> connect(RedisAddress address, RedisTls tls);
  // The reply as Redis gave it, errors included; Unavailable when the connection ended first, or the asking coroutine
  // was cancelled (the command may then have run). All asks of one turn of the loop leave in one write.
  awaitable<Result<RedisValue>> ask(RedisWords words);
  // Ends it with these words; harmless when it has ended.
  void close(const std::string& why);
  // Returns when it has ended and its coroutines are gone.
  awaitable<void> until_ended();

  std::uint64_t writes() const { return writes_; }
  const std::string& why_down() const { return down_; }

 private:
  struct Waiter;

  void start(awaitable<void> work);
  awaitable<void> read_loop();
  awaitable<void> write_loop();
  awaitable<void> watch_loop();
  void hand_out(std::vector<RedisValue> replies);
  void settle(Result<RedisValue> answer);

  RedisStream stream_;
  std::chrono::milliseconds limit_;
  asio::steady_timer wake_;   // there is something to write
  asio::steady_timer watch_;  // the oldest waiting ask's end
  asio::steady_timer ended_;
  ReplyReader reader_;
  std::string pending_;
  std::deque<std::shared_ptr<Waiter>> waiting_;
  std::string down_;  // why it ended; empty while it lives
  std::uint64_t writes_ = 0;
  int running_ = 0;  // coroutines of ours
};

}  // namespace waypost
