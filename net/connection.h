// Connection: one client of an HttpServer, from its accept to its end, as one coroutine.
//
//   Idle ─bytes─▶ Head ─▶ Body ─▶ Handling ─▶ Writing ─▶ Idle …         Streaming: Writing chunk by chunk
//                          └◀ piece by piece ▶┘ of a streamed route (connection_intake.cc)
//
// Deadlines cost no timer: each phase notes when it must be over, and the loop's tick cuts what is late. Loop only.

#pragma once

#include <atomic>
#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "net/answer.h"
#include "net/input_buffer.h"
#include "net/request_parser.h"
#include "net/server.h"
#include "net/wire.h"

namespace waypost {

class Connection;

// What all connections of a server share. Constant while connections live, but for the atomics.
struct ServerFacts {
  ServerFacts(const Router& routes, BodyBudget& bodies, const ServerLimits& bounds, std::vector<std::string> proxies)
      : router(routes), budget(bodies), limits(bounds), trusted_proxies(std::move(proxies)) {}

  const Router& router;
  BodyBudget& budget;
  ServerLimits limits;
  std::vector<std::string> trusted_proxies;

  std::atomic<std::size_t> connections = 0;  // over all loops
  // Any thread. stop() waits here for the loops to have drained and the connections to have ended.
  std::mutex stop_lock;
  std::condition_variable stop_step;
  std::atomic<bool> stopping = false;
  std::atomic<std::size_t> drained_loops = 0;

  // A connection ended.
  void left();
  void wake_stop();
};

// What the connections of one loop share. Loop only.
struct ServerLoopFacts {
  std::shared_ptr<ServerFacts> server;
  std::unordered_set<Connection*> connections;
  std::string date;       // http_date() of this second
  bool draining = false;  // the server stops: an answer is a connection's last
};

class Connection {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  Connection(std::shared_ptr<ServerLoopFacts> facts, Socket socket);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Serves until either side ends. `tls` may be null.
  awaitable<void> run(std::unique_ptr<TlsSession> tls);

  // The tick: ends the wait of a phase that is late.
  void check(Instant now);
  // The server stops: ends a stream at once, others with their next answer, or soon when no request comes.
  void drain();
  // Ends it now, whatever it is doing.
  void cut();
  asio::cancellation_signal& signal() { return signal_; }

 private:
  enum class Phase { Idle, Head, Body, Handling, Writing, Streaming };
  class Stream;
  class Intake;

  awaitable<void> serve();
  awaitable<bool> receive_head();
  awaitable<void> answer_request();
  awaitable<void> answer_streamed(const Route& route);
  std::optional<Response> admission(const Router::Match& match);
  awaitable<int> receive_body();
  bool discard_body();
  awaitable<bool> fill(std::size_t want);
  awaitable<void> send(Response response);
  awaitable<void> send_stream(Response& response);
  awaitable<IoError> write(std::string_view first, std::string_view second = {});
  awaitable<void> refuse(int status);
  awaitable<void> linger();

  void enter(Phase phase);
  bool hold_body();
  void release_body();

  std::shared_ptr<ServerLoopFacts> facts_;
  Wire wire_;
  std::string peer_;
  std::string client_name_;  // once the handshake is done
  InputBuffer input_;
  RequestParser parser_;
  std::string out_;
  asio::cancellation_signal signal_;
  Phase phase_ = Phase::Head;
  Instant due_ = Instant::max();
  std::size_t held_ = 0;    // of the body budget
  bool late_ = false;       // the tick ended the wait
  bool cut_ = false;        // ended from outside
  bool keep_alive_ = true;  // another request may follow
  bool answered_ = false;   // the answer to the current request has begun
  bool head_only_ = false;  // HEAD: no body in the answer
  bool speaks_1_1_ = true;  // the client's version
};

}  // namespace waypost
