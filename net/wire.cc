#include "net/wire.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>

namespace waypost {
namespace {

constexpr std::size_t kRecord = 16 * 1024;  // the largest TLS record
constexpr std::size_t kChunk = 8 * 1024;    // held by each idle TLS connection

std::string address_text(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
  }
  if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    std::string whole = inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
    constexpr std::string_view kMapped = "::ffff:";  // an IPv4 client of a listener on [::]
    const bool mapped = whole.starts_with(kMapped) && whole.contains('.');
    return mapped ? whole.substr(kMapped.size()) : whole;
  }
  return "unix";
}

void advance(std::string_view& first, std::string_view& second, std::size_t by) {
  const auto of_first = std::min(by, first.size());
  first.remove_prefix(of_first);
  second.remove_prefix(by - of_first);
}

std::array<asio::const_buffer, 2> buffers(std::string_view first, std::string_view second) {
  return {asio::const_buffer(first.data(), first.size()), asio::const_buffer(second.data(), second.size())};
}

}  // namespace

Wire::Wire(Socket socket) : socket_(std::move(socket)) {
  IoError ignored;
  socket_.non_blocking(true, ignored);
  const auto local = socket_.local_endpoint(ignored);
  if (local.data()->sa_family != AF_UNIX) socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

awaitable<IoError> Wire::handshake() {
  while (true) {
    const auto step = tls_->handshake();
    const auto sent = co_await flush();
    if (sent) co_return sent;
    if (step == TlsSession::Step::Done) co_return IoError();
    if (step != TlsSession::Step::NeedInput) co_return asio::error::connection_refused;
    const auto fed = co_await feed_more();
    if (fed) co_return fed;
  }
}

awaitable<Wire::Read> Wire::read_some(std::span<char> into) {
  if (tls_) co_return co_await read_secured(into);
  if (cancelled_) co_return Read{asio::error::operation_aborted, 0};
  auto [error, size] = co_await socket_.async_read_some(asio::buffer(into.data(), into.size()), kToken);
  co_return Read{error, size};
}

awaitable<Wire::Read> Wire::read_secured(std::span<char> into) {
  while (true) {
    const auto read = tls_->read(into);
    const auto sent = co_await flush();
    if (sent) co_return Read{sent, 0};
    if (read.step == TlsSession::Step::Done) co_return Read{IoError(), read.size};
    if (read.step == TlsSession::Step::Closed) co_return Read{asio::error::eof, 0};
    if (read.step == TlsSession::Step::Failed) co_return Read{asio::error::connection_reset, 0};
    const auto fed = co_await feed_more();
    // An end without goodbye may be an attacker's: never taken for the end of a body.
    if (fed == asio::error::eof) co_return Read{asio::error::connection_reset, 0};
    if (fed) co_return Read{fed, 0};
  }
}

awaitable<IoError> Wire::feed_more() {
  if (cancelled_) co_return asio::error::operation_aborted;
  std::array<char, kChunk> chunk;
  auto [error, size] = co_await socket_.async_read_some(asio::buffer(chunk), kToken);
  if (!error) tls_->feed({chunk.data(), size});
  co_return error;
}

awaitable<IoError> Wire::flush() {
  if (!tls_->has_output()) co_return IoError();
  const auto records = tls_->take_output();
  co_return co_await write_plain(records, {});
}

awaitable<IoError> Wire::write(std::string_view first, std::string_view second) {
  if (!tls_) return write_plain(first, second);
  return write_secured(first, second);
}

awaitable<IoError> Wire::write_secured(std::string_view first, std::string_view second) {
  for (auto part : {first, second}) {
    while (!part.empty()) {
      const auto piece = part.substr(0, kRecord);
      if (tls_->write(piece) != TlsSession::Step::Done) co_return asio::error::connection_reset;
      const auto sent = co_await flush();
      if (sent) co_return sent;
      part.remove_prefix(piece.size());
    }
  }
  co_return IoError();
}

bool Wire::write_now(std::string_view& first, std::string_view& second, IoError& error) {
  const auto size = second.empty() ? socket_.write_some(asio::buffer(first.data(), first.size()), error)
                                   : socket_.write_some(buffers(first, second), error);
  written_ += size;
  advance(first, second, size);
  if (error == asio::error::would_block) error = {};
  return !error && first.empty() && second.empty();
}

awaitable<IoError> Wire::write_plain(std::string_view first, std::string_view second) {
  IoError error;
  if (write_now(first, second, error) || error) co_return error;
  while (!first.empty() || !second.empty()) {
    if (cancelled_) co_return asio::error::operation_aborted;
    auto [failure, size] = co_await socket_.async_write_some(buffers(first, second), kToken);
    written_ += size;
    advance(first, second, size);
    if (failure) co_return failure;
  }
  co_return IoError();
}

void Wire::cancel() {
  cancelled_ = true;
  IoError ignored;
  socket_.cancel(ignored);
}

awaitable<void> Wire::end_writing() {
  if (tls_) {
    tls_->say_goodbye();
    const auto ignored = co_await flush();
    static_cast<void>(ignored);
  }
  IoError ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Wire::close() {
  IoError ignored;
  socket_.close(ignored);
}

bool Wire::quiet() {
  char byte = 0;
  const auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::string Wire::peer() const {
  IoError error;
  const auto endpoint = socket_.remote_endpoint(error);
  return error ? std::string() : address_text(endpoint.data());
}

}  // namespace waypost
