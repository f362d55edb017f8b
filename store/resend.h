// Sending again what has failed: a new message with the same content, which says `replaces`. Lane only.

#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "store/messages.h"
#include "store/outbox.h"

namespace waypost::store {

struct Resend {
  TenantId tenant{};
  MessageId message{};
  std::string author = "api";  // user | api
  std::optional<UserId> author_id{};
  AcceptRules rules{};
};
struct Resent {
  Message message{};
  bool repeated = false;  // it was sent again before: that row
};
// Under the rules of a new message (store/outbox.h), whose refusals it gives. NotFound; Conflict with the code
// not_failed, or replaced: something else went out instead. Send the signal for QueueName::Sends after the commit.
// A message whose outcome is unknown may have reached the customer: whoever asks knows that.
Result<Resent> resend_message(sql::Connection& connection, const Resend& asked, Time now);

}  // namespace waypost::store
