// Byte ranges and validators of a file that never changes (RFC 9110, sections 13 and 14). Pure; any thread.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"

namespace waypost::api {

// From `first` on, `length` bytes.
struct ByteSpan {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
  bool operator==(const ByteSpan&) const = default;
};

struct FileAnswer {
  int status = 200;                // 200 | 206 | 304 | 416
  std::optional<ByteSpan> span{};  // of 200 and 206: what to send
  std::string content_range{};     // of 206 and 416
};

// What a GET or HEAD of a file of `size` bytes, whose strong validator is `etag` (with its quotes), is answered.
// Several ranges, a range that is malformed and one for another version of the file are passed over: the whole file is
// an answer to them.
FileAnswer answer_for(const RequestHead& head, std::uint64_t size, std::string_view etag);

}  // namespace waypost::api
