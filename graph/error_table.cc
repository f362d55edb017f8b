#include "graph/error_table.h"

namespace waypost {

GraphAction judge_error(const GraphErrorCode& error) {
  if (const auto known = action_of(error.code)) return *known;
  if (error.http_status == 429) return GraphAction::PauseNumber;
  if (error.http_status >= 500) return GraphAction::Unknown;
  return error.is_transient ? GraphAction::Retry : GraphAction::Fail;
}

ErrorKind kind_of(GraphAction action) {
  switch (action) {
    case GraphAction::Retry:
    case GraphAction::RetryLink:
    case GraphAction::Unknown:
      return ErrorKind::Unavailable;
    case GraphAction::PausePair:
    case GraphAction::PauseNumber:
    case GraphAction::PauseAccount:
    case GraphAction::PauseApp:
      return ErrorKind::RateLimited;
    case GraphAction::HoldForToken:
      return ErrorKind::Unauthorised;
    case GraphAction::RetryByPhone:
    case GraphAction::Fail:
    case GraphAction::UseTemplate:
    case GraphAction::Embargo:
    case GraphAction::StopMarketing:
    case GraphAction::ListTemplates:
    case GraphAction::PauseTemplate:
    case GraphAction::DisableTemplate:
    case GraphAction::BlockNumber:
    case GraphAction::BlockAccount:
    case GraphAction::BlockTemplates:
    case GraphAction::BlockInitiated:
    case GraphAction::Config:
      return ErrorKind::Rejected;
  }
}

}  // namespace waypost
