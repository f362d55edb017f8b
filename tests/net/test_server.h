// TestServer: a server on one loop and a free port, with a few routes to try it by.

#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/server.h"

namespace waypost::test {

class TestServer {
 public:
  struct Options {
    ServerLimits limits{};
    Listen listen{.address = "127.0.0.1:0"};
    std::size_t budget = 64 << 20;
    int loops = 1;
  };
  TestServer() : TestServer(Options()) {}
  explicit TestServer(Options options);

  std::uint16_t port() const { return server_->port(); }
  HttpServer& server() { return *server_; }
  // Requests that reached a handler, and that a gate saw.
  int handled() const { return handled_; }
  int gated() const { return gated_; }
  // Lets the handler of GET /slow answer; handlers inside it.
  void open_slow() { slow_open_ = true; }
  int inside_slow() const { return inside_slow_; }

  // Streamed bodies that a handler read to their end, and that ended early.
  int whole_bodies() const { return whole_bodies_; }
  int broken_bodies() const { return broken_bodies_; }
  // Lets the handler of POST /patient read on.
  void let_read() { may_read_ = true; }

  Loop& loop() { return *loops_.front(); }

 private:
  void add_routes();
  void add_streamed_routes();
  awaitable<Response> slow();
  awaitable<Response> measure(BodyReader& body);
  awaitable<Response> patient(BodyReader& body);
  awaitable<void> ticks(BodyWriter& writer);

  std::vector<std::unique_ptr<Loop>> loops_;
  Router router_;
  BodyBudget budget_;
  std::atomic<int> handled_ = 0;
  std::atomic<int> gated_ = 0;
  std::atomic<int> inside_slow_ = 0;
  std::atomic<bool> slow_open_ = false;
  std::atomic<bool> may_read_ = false;
  std::atomic<int> whole_bodies_ = 0;
  std::atomic<int> broken_bodies_ = 0;
  std::unique_ptr<HttpServer> server_;
};

// Requests as bytes; `more` is whole header lines.
std::string post(std::string_view path, std::string_view body, std::string_view more = "");
std::string get(std::string_view path, std::string_view more = "");

}  // namespace waypost::test
