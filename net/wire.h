// Wire: one connected stream socket, TCP or unix, plain or under TLS, with reads and writes as coroutines. Server and
// client stand on it. Loop only; one read or one write at a time. Deadlines are the owner's: cancel() ends the wait.

#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/asio.h"
#include "net/tls.h"

namespace waypost {

using Socket = asio::generic::stream_protocol::socket;
using IoError = boost::system::error_code;

class Wire {
 public:
  explicit Wire(Socket socket);

  // Every later byte goes through `session`; follow with handshake().
  void secure(std::unique_ptr<TlsSession> session) { tls_ = std::move(session); }
  bool secured() const { return tls_ != nullptr; }
  awaitable<IoError> handshake();

  struct Read {
    IoError error;  // asio::error::eof: the peer ended the stream properly; connection_reset: a TLS stream was cut
    std::size_t size = 0;
  };
  awaitable<Read> read_some(std::span<char> into);
  // All of both, in order. Plain sockets try at once and wait only for what the kernel does not take.
  awaitable<IoError> write(std::string_view first, std::string_view second = {});

  // Bytes that the kernel took so far, TLS records included.
  std::size_t written() const { return written_; }
  // TlsSession::peer_name(); empty without TLS.
  std::string peer_name() const { return tls_ ? tls_->peer_name() : std::string(); }
  // Why the TLS session failed; empty when it did not.
  std::string trouble() const { return tls_ ? tls_->trouble() : std::string(); }

  // The waiting read or write ends with operation_aborted, and so does every later one until rearm(): a deadline may
  // come between two of them.
  void cancel();
  void rearm() { cancelled_ = false; }
  // No more will be written; a TLS peer is told first.
  awaitable<void> end_writing();
  void close();
  // Nothing to read and not ended: an idle connection that may be used again.
  bool quiet();

  // "127.0.0.1", "::1", or "unix".
  std::string peer() const;

 private:
  bool write_now(std::string_view& first, std::string_view& second, IoError& error);
  awaitable<IoError> write_plain(std::string_view first, std::string_view second);
  awaitable<Read> read_secured(std::span<char> into);
  awaitable<IoError> write_secured(std::string_view first, std::string_view second);
  awaitable<IoError> flush();
  awaitable<IoError> feed_more();

  Socket socket_;
  std::unique_ptr<TlsSession> tls_;
  std::size_t written_ = 0;
  bool cancelled_ = false;
};

}  // namespace waypost
