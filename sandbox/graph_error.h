// GraphError: a refusal of Meta's, in the shape its Graph API and its failed statuses give it. Pure; any thread.

#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/json.h"

namespace waypost::sandbox {

struct GraphError {
  int code = 1;
  std::string details{};
  int status = 0;  // of HTTP; 0: the usual one of this code
  int subcode = 0;
};

// Not Result: what Meta refuses is an answer of the simulator, not a failure of it.
template <class T>
using Judged = std::expected<T, GraphError>;

inline std::unexpected<GraphError> refuse(int code, std::string details) {
  return std::unexpected(GraphError{.code = code, .details = std::move(details)});
}

// Meta's title of a code: "Rate limit hit".
std::string_view title_of(int code);
// Meta's sources differ on throttles (400, 403, 429); 400 is used here, so that a client which only looks for 429
// fails.
int http_status_of(const GraphError& error);

// {"error": {...}}, the body of an answer.
Json error_body(const GraphError& error, std::string_view trace);
// An element of statuses[].errors.
Json status_error(const GraphError& error);

}  // namespace waypost::sandbox
