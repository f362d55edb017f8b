// HttpClient: pooled HTTP/1.1 client, plain, TLS or over a unix socket, with a deadline for every call. One a loop;
// loop only.
//
// Idle connections are kept per origin and checked before reuse. A request is written at most once: the client never
// repeats it by itself, because a repeated send is a doubled message.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/address_guard.h"
#include "net/asio.h"
#include "net/http.h"

namespace waypost {

// A request's body that is read while it is written: no more is asked for until the connection has taken what came.
struct BodySource {
  std::uint64_t size = 0;
  // The next bytes; none, or more than are left, is a fault. Its Error ends the exchange, and is the failure's.
  std::function<awaitable<Result<std::string>>()> next{};
};

struct ClientRequest {
  std::string method = "GET";
  std::string
      url{};  // "https://graph.facebook.com/v25.0/106/messages", "http://…", or "unix:/run/waypost/admin.sock:/path"
  Headers headers{};
  std::string body{};
  std::optional<BodySource> give_body{};       // instead of `body`
  std::chrono::milliseconds deadline{30'000};  // over all: resolve, connect, TLS, write, read
  std::size_t body_limit = 8 << 20;            // of the answer
  // When set, the body of a 200 goes there in pieces as it comes, instead of into the answer, and no more is read
  // until it has taken one. Its Error ends the exchange, and is the failure's.
  std::function<awaitable<Result<void>>(std::string_view piece)> take_body{};
};

// How far an exchange that failed had come. Only NothingSent proves that the server cannot have acted.
enum class Sent { NothingSent, MaybeSent };

struct ExchangeFailure {
  Error error;
  Sent sent = Sent::MaybeSent;
  bool too_large = false;  // the answer's body was beyond body_limit
};

struct ClientSettings {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds idle{60'000};  // an idle connection is closed after this
  std::size_t idle_per_origin = 64;
  std::string ca_file{};  // PEM; empty: the system's
  // Asked of each address that a host has before it is connected to; one that is refused is passed over, and when none
  // is left the exchange fails NothingSent with the code kRefusedAddress. With it no unix socket is asked. For URLs
  // that others write; such a client is one of its own, and with it its lookups of names.
  std::function<bool(std::string_view host, const asio::ip::address& address)> may_connect{};
};

// Destroy it before its loop; asks in progress then go on to their end.
class HttpClient {
 public:
  static std::unique_ptr<HttpClient> make(asio::any_io_executor loop, ClientSettings settings);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  virtual ~HttpClient() = default;

  // Any status is an answer; an ExchangeFailure means that none came.
  virtual awaitable<std::expected<Response, ExchangeFailure>> ask(ClientRequest request) = 0;

 protected:
  HttpClient() = default;
};

}  // namespace waypost
