#include "graph/graph_failure.h"

#include <string>

#include "graph/error_table.h"

namespace waypost {

Error graph_failure(int http_status, const GraphError& error) {
  const std::string words = "Meta's code " + std::to_string(error.code) + ": " + error.words;
  return {kind_of(judge_error({.code = error.code, .http_status = http_status, .is_transient = error.is_transient})),
          words};
}

}  // namespace waypost
