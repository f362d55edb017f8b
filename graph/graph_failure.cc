#include "graph/graph_failure.h"

#include <string>

#include "graph/error_table.h"

namespace waypost {

Error graph_failure(int http_status, const GraphError& error) {
  const std::string words = "Meta's code " + std::to_string(error.code) + ": " + error.words;
  switch (judge_error({.code = error.code, .http_status = http_status, .is_transient = error.is_transient})) {
    case GraphAction::Retry:
    case GraphAction::Unknown:
      return {ErrorKind::Unavailable, words};
    case GraphAction::PauseNumber:
    case GraphAction::PausePair:
    case GraphAction::PauseApp:
      return {ErrorKind::RateLimited, words};
    case GraphAction::HoldForToken:
      return {ErrorKind::Unauthorised, words};
    case GraphAction::Fail:
    case GraphAction::UseTemplate:
    case GraphAction::Config:
      return {ErrorKind::Rejected, words};
  }
}

}  // namespace waypost
