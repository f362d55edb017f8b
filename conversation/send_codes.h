// Meta's error codes as data: what each one means for a send, whether it comes at once as the answer or late in a
// failed status. Pure; any thread.
// Source: the facts' section 3.10 (Meta, "Error codes"). Meta: build on `code`, not on titles, subcodes or HTTP status.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace waypost {

enum class GraphAction {
  Retry,            // refused, later the same may pass
  RetryLink,        // Meta could not take the file (131053): by link it may the next time, else refused for good
  RetryByPhone,     // not to a user id (131062): once more when a phone number is known by now
  PausePair,        // this contact only (131056)
  PauseNumber,      // the number sends too fast (130429, 131057)
  PauseAccount,     // the business account's rate (80007)
  PauseApp,         // the app's rate, with all its numbers (4, 613)
  Fail,             // refused for good
  UseTemplate,      // outside the service window (131047)
  Embargo,          // no marketing to this contact for a day (131049)
  StopMarketing,    // the contact wants no marketing (131050)
  ListTemplates,    // our list of templates is behind (132001)
  PauseTemplate,    // 132015
  DisableTemplate,  // 132016
  HoldForToken,     // the token is invalid or lacks a permission: an operator must act, no message is at fault
  BlockNumber,      // nothing goes from this number until an operator has acted; no message is at fault
  BlockAccount,     // the same of all numbers of the business account
  BlockTemplates,   // the account's templates alone
  BlockInitiated,   // the number's templates alone: it may not start conversations (131048)
  Config,           // refused for good, and an operator must mend something
  Unknown,          // a fault at Meta: nobody knows whether the message was sent
};

struct SendCode {
  std::int64_t first = 0;
  std::int64_t last = 0;
  GraphAction action = GraphAction::Fail;
  std::string_view reason{};  // of failure_reasons(), when the message fails by it
};

// Ascending, without overlaps.
std::span<const SendCode> send_codes();
// Nothing for codes not in the table.
std::optional<SendCode> send_code(std::int64_t code);
std::optional<GraphAction> action_of(std::int64_t code);
// failure.reason of a refusal with this code; "rejected" for none and for those not in the table.
std::string_view reason_of(std::optional<std::int64_t> code);

}  // namespace waypost
