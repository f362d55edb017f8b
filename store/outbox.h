// The one door by which a free-form or template message is accepted for sending: over the API, from a workflow, as a
// fallback. Lane only.

#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "store/messages.h"

namespace waypost::store {

inline constexpr std::string_view kTemplateParameters = "template_parameters";

struct AcceptRules {
  milliseconds window_margin{60'000};
  milliseconds validity{std::chrono::hours(24)};  // expires_at, where the message brings none
};

// Checks what can be checked now and queues the message. Errors, all of them Rejected with a code, nothing written:
//   no_channel          the channel is gone
//   groups_only         a pin, and the conversation is not a group's
//   opted_out           the contact wants no messages
//   marketing_stopped   a marketing template to a contact who wants none
//   marketing_embargo   a marketing template within a day of one that Meta refused to the contact
//   template_parameters a template that is known here, with parameters that Meta would refuse: fields say which
//   window_closed       free-form, the window is closed and the policy in force is reject
// Under the other policies the message is queued and the sender judges the window at the POST (law 9).
// Send the signal for QueueName::Sends after the commit.
Result<Message> accept_message(sql::Connection& connection, const Conversation& conversation, Message message,
                               const AcceptRules& rules, Time now);

}  // namespace waypost::store
