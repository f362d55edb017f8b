#include "queue/redis_stream.h"

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include "net/tls.h"
#include "net/within.h"

namespace waypost {

namespace {

constexpr std::size_t kChunk = 16'384;  // the largest TLS record

// What an operator can do about a handshake that failed.
std::string handshake_words(const std::string& place, const std::string& trouble) {
  const std::string what = "TLS with Redis at " + place + " failed: " + trouble;
  if (trouble.contains("mismatch")) return what + "; redis.url must name a host that its certificate names";
  if (trouble.contains("certificate") || trouble.contains("issuer")) {
    return what + "; redis.ca_file must hold the authority that signed its certificate";
  }
  return what + "; is this the port on which it speaks TLS (tls-port)?";
}

}  // namespace

RedisStream::RedisStream(asio::any_io_executor loop, std::chrono::milliseconds limit) : socket_(loop), limit_(limit) {}

RedisStream::~RedisStream() = default;

awaitable<Result<void>> RedisStream::connect(RedisAddress address, RedisTls tls) {
  auto connected = address.socket.empty() ? co_await connect_tcp(address) : co_await connect_unix(address.socket);
  if (connected && address.tls) connected = co_await secure(address, tls);
  co_return connected;
}

awaitable<Result<void>> RedisStream::connect_unix(const std::string& path) {
  if (path.size() > 107) co_return fail(ErrorKind::Unavailable, "the path of Redis' socket has over 107 bytes");
  if (co_await try_endpoint(asio::local::stream_protocol::endpoint(path))) co_return Result<void>();
  co_return fail(ErrorKind::Unavailable, "no Redis at unix:" + path);
}

awaitable<Result<void>> RedisStream::connect_tcp(const RedisAddress& address) {
  asio::ip::tcp::resolver resolver(loop());
  const auto found = co_await within(limit_, resolver.async_resolve(address.host, address.port, kToken));
  if (!found || std::get<0>(*found)) co_return fail(ErrorKind::Unavailable, "no address for " + address.host);
  for (const auto& entry : std::get<1>(*found)) {
    if (!co_await try_endpoint(entry.endpoint())) continue;
    boost::system::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    co_return Result<void>();
  }
  co_return fail(ErrorKind::Unavailable, "no Redis at " + address.place());
}

awaitable<bool> RedisStream::try_endpoint(asio::generic::stream_protocol::endpoint endpoint) {
  if (closed_) co_return false;
  boost::system::error_code ignored;
  socket_.close(ignored);
  const auto end = co_await within(limit_, socket_.async_connect(endpoint, kToken));
  co_return end && !std::get<0>(*end) && !closed_;
}

awaitable<Result<void>> RedisStream::secure(const RedisAddress& address, const RedisTls& tls) {
  session_ = TlsSession::connecting(tls, address.host);
  const auto shaken = co_await within(limit_, shake_hands());
  if (shaken && *shaken) co_return Result<void>();
  const auto trouble = shaken ? shaken->error().words() : "no answer in time";
  co_return fail(ErrorKind::Unavailable, handshake_words(address.place(), trouble));
}

awaitable<Result<void>> RedisStream::shake_hands() {
  while (true) {
    const auto step = session_->handshake();
    auto sent = co_await flush();
    const bool goes_on = step == TlsSession::Step::Done || step == TlsSession::Step::NeedInput;
    if (!goes_on) co_return fail(ErrorKind::Unavailable, session_->trouble());
    if (step == TlsSession::Step::Done || !sent) co_return sent;
    auto fed = co_await feed_more();
    if (!fed) co_return fed;
  }
}

awaitable<Result<std::size_t>> RedisStream::read_some(std::span<char> into) {
  return session_ ? read_secured(into) : read_plain(into);
}

awaitable<Result<std::size_t>> RedisStream::read_plain(std::span<char> into) {
  const auto [error, size] = co_await socket_.async_read_some(asio::buffer(into.data(), into.size()), kToken);
  if (error) co_return fail(ErrorKind::Unavailable, "reading from Redis: " + error.message());
  co_return size;
}

awaitable<Result<std::size_t>> RedisStream::read_secured(std::span<char> into) {
  while (true) {
    const auto read = session_->read(into);
    auto sent = co_await flush();  // the answer to a key update
    if (!sent) co_return fail(std::move(sent).error());
    if (read.step == TlsSession::Step::Done) co_return read.size;
    if (read.step == TlsSession::Step::Closed) co_return fail(ErrorKind::Unavailable, "Redis closed the connection");
    if (read.step == TlsSession::Step::Failed) {
      co_return fail(ErrorKind::Unavailable, "reading from Redis over TLS: " + session_->trouble());
    }
    auto fed = co_await feed_more();
    if (!fed) co_return fail(std::move(fed).error());
  }
}

awaitable<Result<void>> RedisStream::feed_more() {
  std::array<char, kChunk> chunk;
  auto size = co_await read_plain(chunk);
  if (!size) co_return fail(std::move(size).error());
  session_->feed({chunk.data(), *size});
  co_return Result<void>();
}

awaitable<Result<void>> RedisStream::write(std::string bytes) {
  if (!session_) co_return co_await write_plain(bytes);
  if (session_->write(bytes) != TlsSession::Step::Done) {
    co_return fail(ErrorKind::Unavailable, "writing to Redis over TLS: " + session_->trouble());
  }
  co_return co_await flush();
}

awaitable<Result<void>> RedisStream::write_plain(const std::string& bytes) {
  const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(bytes), kToken);
  if (error) co_return fail(ErrorKind::Unavailable, "writing to Redis: " + error.message());
  co_return Result<void>();
}

// Records must reach the socket in their order: who comes while another sends leaves his to that one.
awaitable<Result<void>> RedisStream::flush() {
  if (flushing_) co_return Result<void>();
  flushing_ = true;
  Result<void> sent;
  while (sent && session_->has_output()) sent = co_await write_plain(session_->take_output());
  flushing_ = false;
  co_return sent;
}

void RedisStream::close() {
  closed_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace waypost
