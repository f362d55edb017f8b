// HttpServer: HTTP/1.1, plain or TLS, on every loop it is given: each loop accepts on the one listening socket.
//
//   accept ─▶ head (16 kB, read timeout) ─▶ route ─▶ gate ─▶ body (route's limit, budget) ─▶ handler ─▶ write ─▶ next
//
// A connection is one coroutine on one loop. Keep-alive and pipelining as in RFC 9112; `Expect: 100-continue` is
// answered after the gate. A streamed route's handler gets the body as it comes, in pieces of at most 64 KiB, and no
// more is read until it asks. A body beyond the route's limit is 413, a head beyond the limit 431, a malformed request
// 400, a body that does not come 408, a budget used up 503 with Retry-After. A handler that throws is a 500 and a line
// in the log; the connection ends.

#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "net/loop.h"
#include "net/router.h"

namespace waypost {

// Bytes of request bodies in flight, over all listeners of the process. Any thread.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes) : left_(static_cast<std::ptrdiff_t>(bytes)) {}
  bool take(std::size_t bytes);
  void give_back(std::size_t bytes);

 private:
  std::atomic<std::ptrdiff_t> left_;
};

struct ServerLimits {
  std::size_t head = 16 * 1024;
  std::chrono::milliseconds read{10'000};   // a whole head or body
  std::chrono::milliseconds write{10'000};  // a whole answer, or one chunk of a stream
  std::size_t slowest = 16 * 1024;          // bytes a second: a streamed body may take so much longer than `read`
  std::chrono::milliseconds idle{75'000};   // between two requests of a connection
  std::size_t connections = 10'000;         // beyond: accepted and closed
};

struct Listen {
  // "127.0.0.1:8080", "[::]:8080", port 0 for any free one, or "unix:/run/waypost/admin.sock" (made with mode 0600,
  // a stale one is replaced).
  std::string address{};
  int inherited = -1;              // a listening socket handed over by systemd; wins over `address`
  std::string certificate_file{};  // PEM chain; empty: plain HTTP
  std::string key_file{};
  // Authorities of clients' certificates, which are asked for then (net/tls.h). Needs a certificate of our own.
  std::string client_ca_file{};
  // Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed (addresses).
  std::vector<std::string> trusted_proxies{};
};

class HttpServer {
 public:
  // Binds and listens; accepts nothing yet. InvalidInput for a bad address or certificate, Unavailable when the port
  // is taken. `router` and `budget` outlive the server; `loops` outlive it too.
  static Result<std::unique_ptr<HttpServer>> listen(const Listen& listen, const Router& router, BodyBudget& budget,
                                                    const ServerLimits& limits, const std::vector<Loop*>& loops);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  virtual ~HttpServer() = default;

  // Begins to accept. Any thread.
  virtual void start() = 0;
  // Stops accepting, lets requests in progress finish until `limit`, and idle connections ask once more for half a
  // second; then cuts them. Streams end at once. Blocks; not from a loop.
  virtual void stop(std::chrono::milliseconds limit) = 0;
  // The port in use, 0 for a unix socket.
  virtual std::uint16_t port() const = 0;
  // Re-reads the certificate files; InvalidInput leaves the old ones in force. Any thread.
  virtual Result<void> reload_certificates() = 0;

 protected:
  HttpServer() = default;
};

}  // namespace waypost
