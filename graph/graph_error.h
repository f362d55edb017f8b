// The error object of a Graph API answer, read and redacted. Pure; any thread.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"
#include "net/http.h"

namespace waypost {

struct GraphError {
  std::int64_t code = 0;
  bool is_transient = false;
  std::string words{};  // Meta's message and details, for a person; long ones cut
  std::string trace_id{};
};

// Nothing when the answer holds no readable error object.
std::optional<GraphError> read_graph_error(const Json& answer);

// Meta's id of this exchange, from the error or from the headers; "" when there is none.
std::string trace_id_of(const Headers& headers, const std::optional<GraphError>& error);

}  // namespace waypost
