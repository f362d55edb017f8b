// The bytes of an answer's head, written by hand into one buffer. No I/O. Any thread.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"

namespace waypost {

enum class Framed {
  ByLength,   // Content-Length: of response.body, or as the handler says of its stream
  ByChunks,   // Transfer-Encoding: chunked
  ByClosing,  // until the connection ends, for HTTP/1.0
};

struct AnswerFacts {
  Framed framed = Framed::ByLength;
  bool keep_alive = true;
  bool http_1_1 = true;
  std::string_view date{};  // as http_date() writes it
};

// Appends status line, headers and the empty line. A line break inside a header becomes a space, so that no value can
// begin a header of its own.
void append_head(std::string& out, const Response& response, const AnswerFacts& facts);

// What a streaming handler says by Content-Length; nothing: it does not know.
std::optional<std::uint64_t> announced_length(const Response& response);

// 204 and 304 have none, whatever the handler says.
bool has_body(int status);
std::string_view reason_of(int status);

// "Sun, 06 Nov 1994 08:49:37 GMT", RFC 9110, section 5.6.7.
std::string http_date(std::int64_t unix_seconds);

// The answer that ends a request the server itself refuses, in the API's error shape.
Response refusal(int status);

}  // namespace waypost
