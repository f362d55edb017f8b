// Plain HTTP messages: what a handler gets and gives. No Beast, no sockets. Any thread.

#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "net/asio.h"

namespace waypost {

// In the order of the wire; names compare without case.
class Headers {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void reserve(std::size_t fields) { fields_.reserve(fields); }
  // The first of that name, or nothing.
  std::optional<std::string_view> find(std::string_view name) const;
  // All of that name, in order (Cookie, Set-Cookie).
  std::vector<std::string_view> all(std::string_view name) const;
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Everything before the body.
struct RequestHead {
  std::string method{};                                       // "GET"
  std::string target{};                                       // as sent: "/api/contacts?limit=20"
  std::string path{};                                         // decoded, without the query: "/api/contacts"
  std::vector<std::pair<std::string, std::string>> query{};   // decoded, in order
  std::vector<std::pair<std::string, std::string>> params{};  // {placeholders} of the route, decoded
  Headers headers{};
  std::string peer{};  // the client's address, without port: "127.0.0.1"; the proxy's word where settings trust it
  // The common name of the certificate that the client's connection was opened with, verified (Listen::client_ca_file).
  std::string client_name{};
  bool tls = false;  // the client came by TLS, here or at a trusted proxy (X-Forwarded-Proto)

  // The first value of that name, or nothing.
  std::optional<std::string_view> query_value(std::string_view name) const;
  // A placeholder of the route; "" when there is none of that name.
  std::string_view param(std::string_view name) const;
};

struct Request : RequestHead {
  std::string body{};
};

// What a streaming handler writes to: one chunk a call. Loop only.
class BodyWriter {
 public:
  BodyWriter() = default;
  BodyWriter(const BodyWriter&) = delete;
  BodyWriter& operator=(const BodyWriter&) = delete;
  virtual ~BodyWriter() = default;
  // False when the client is gone or the server stops: end the stream.
  virtual awaitable<bool> write(std::string_view chunk) = 0;
};

// What a handler of a streamed request reads its body from. Loop only.
class BodyReader {
 public:
  BodyReader() = default;
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;
  virtual ~BodyReader() = default;
  // The next bytes, good until the next call; empty: the body is whole. An Error ends it: the body is too long,
  // malformed, too slow, or the client is gone. The server then refuses the request, whatever the handler answers.
  virtual awaitable<Result<std::string_view>> read() = 0;
};

struct Response {
  int status = 200;   // 0: the connection is closed without an answer (for simulators of a lost answer)
  Headers headers{};  // Connection is the server's, Date where none is given, Content-Length but of a measured stream
  std::string body{};
  // When set, the body is this coroutine's instead, until it returns: in chunks, or exactly its Content-Length.
  std::move_only_function<awaitable<void>(BodyWriter&)> stream;
};

Response text_response(int status, std::string body);
// Content-Type: application/json.
Response json_response(int status, std::string json);

// Percent-decoding as in application/x-www-form-urlencoded ('+' is a space) when `form`, as in a path otherwise.
// Nothing on a malformed escape.
std::optional<std::string> percent_decoded(std::string_view text, bool form);
std::string percent_encoded(std::string_view text);

}  // namespace waypost
