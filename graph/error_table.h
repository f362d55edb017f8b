// Meta's error codes as data: what each one means for a send. Pure; any thread.
// Source: the facts' section 3.10 (Meta, "Error codes"). Meta: build on `code`, not on titles, subcodes or HTTP status.

#pragma once

#include <cstdint>
#include <optional>

namespace waypost {

enum class GraphAction {
  Retry,         // refused, later the same may pass
  PauseNumber,   // the number sends too fast (130429, 131057) or is rated down (131048)
  PausePair,     // this contact only (131056)
  PauseApp,      // the app or the business account: nothing goes for a while (4, 80007, 613)
  Fail,          // refused for good
  UseTemplate,   // outside the service window (131047)
  HoldForToken,  // the token is invalid or lacks a permission: an operator must act, no message is at fault
  Config,        // refused for good, and an operator must mend something
  Unknown,       // a fault at Meta: nobody knows whether the message was sent
};

// The table's word; nothing for codes not in it.
std::optional<GraphAction> action_of(std::int64_t code);

// An error as the Graph API gave it.
struct GraphErrorCode {
  std::int64_t code = 0;
  int http_status = 0;
  bool is_transient = false;
};
// The table's word, else: HTTP 429 pauses the number, a 5xx is an unknown outcome, is_transient retries, anything else
// fails. A code in the table proves what it says whatever the HTTP status is (throttles come as 400, 403 and 429).
GraphAction judge_error(const GraphErrorCode& error);

}  // namespace waypost
