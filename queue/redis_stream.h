// RedisStream: the bytes to Redis and back, over a unix socket, TCP or TLS. One coroutine may read while another
// writes. Loop only. Whoever awaits it keeps it alive.

#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <string>

#include "net/asio.h"
#include "queue/redis_url.h"

struct ssl_ctx_st;

namespace waypost {

class TlsSession;

// What client_tls() gives: net/tls.h, with OpenSSL's headers, stays in .cc files.
using RedisTls = std::shared_ptr<ssl_ctx_st>;

class RedisStream {
 public:
  // `limit` bounds each part of a connect: the host's name, a TCP connect, the handshake.
  RedisStream(asio::any_io_executor loop, std::chrono::milliseconds limit);
  ~RedisStream();

  // Once. `tls` is used, and must be there, when the address says so; the certificate must be of the address' host.
  // Unavailable in words that tell an operator what to do.
  awaitable<Result<void>> connect(RedisAddress address, RedisTls tls);
  // At least one byte, or an Error.
  awaitable<Result<std::size_t>> read_some(std::span<char> into);
  awaitable<Result<void>> write(std::string bytes);
  // Ends whatever waits; harmless when it is closed.
  void close();

  asio::any_io_executor loop() { return socket_.get_executor(); }

 private:
  using Socket = asio::generic::stream_protocol::socket;

  awaitable<Result<void>> connect_unix(const std::string& path);
  awaitable<Result<void>> connect_tcp(const RedisAddress& address);
  awaitable<bool> try_endpoint(asio::generic::stream_protocol::endpoint endpoint);
  awaitable<Result<void>> secure(const RedisAddress& address, const RedisTls& tls);
  awaitable<Result<void>> shake_hands();
  awaitable<Result<std::size_t>> read_plain(std::span<char> into);
  awaitable<Result<std::size_t>> read_secured(std::span<char> into);
  awaitable<Result<void>> write_plain(const std::string& bytes);
  awaitable<Result<void>> flush();
  awaitable<Result<void>> feed_more();

  Socket socket_;
  std::chrono::milliseconds limit_;
  std::unique_ptr<TlsSession> session_;
  bool flushing_ = false;  // somebody sends the session's records
  bool closed_ = false;
};

}  // namespace waypost
