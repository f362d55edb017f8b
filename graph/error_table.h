// What an error of the Graph API means for a send. Pure; any thread. The codes: conversation/send_codes.h.

#pragma once

#include <cstdint>

#include "base/error.h"
#include "conversation/send_codes.h"

namespace waypost {

// An error as the Graph API gave it.
struct GraphErrorCode {
  std::int64_t code = 0;
  int http_status = 0;
  bool is_transient = false;
};
// The table's word, else: HTTP 429 pauses the number, a 5xx is an unknown outcome, is_transient retries, anything else
// fails. A code in the table proves what it says whatever the HTTP status is (throttles come as 400, 403 and 429).
GraphAction judge_error(const GraphErrorCode& error);

// What a caller can do: RateLimited and Unavailable may pass later, Unauthorised wants a token, Rejected is for good.
ErrorKind kind_of(GraphAction action);

}  // namespace waypost
