// Outside the service window: what becomes of a free-form message, and the claim that lets a conversation have one
// fallback template at a time. Lane only; each function belongs into the transaction of what caused it.
//
//   sender: a queued head finds the window closed ──────▶ apply_window_policy
//   sender: the POST is refused with 131047 ────────────▶ outside_window (the message is `sending`)
//   applier: a late failed status with 131047 ──────────▶ outside_window (the message is `failed`, already written)
//   anyone: a message of author `fallback` failed ──────▶ fallback_failed
//
// The claim is conversation.claim_message_id, set in the transaction that inserts the template message and cleared by
// the customer's next message, by the template's failure before delivery, or outlived after `claim`.

#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "conversation/window_verdict.h"
#include "store/messages.h"

namespace waypost::store {

// Meta: more than 24 hours have passed since the customer last replied to this number.
inline constexpr std::int64_t kOutsideWindowCode = 131047;

// From SendingSettings: fallback_claim, window_margin, validity.
struct FallbackRules {
  milliseconds claim{std::chrono::hours(24)};
  milliseconds window_margin{60'000};
  milliseconds validity{std::chrono::hours(24)};
};

// What the store now says of the message.
struct WindowOutcome {
  WindowVerdict verdict = WindowVerdict::SendNow;
  // False: the message or the window had changed meanwhile, nothing was written; judge again.
  bool applied = false;
  // A row was queued: signal QueueName::Sends for this conversation after the commit.
  bool has_new_sends = false;
};

// For a queued free-form message that the sender is about to POST. Judges window and policy by what is committed, and
// writes the verdict unless it is SendNow: the row becomes held, replaced or failed(window_closed), the fallback
// template is queued under the claim. CAS on the message's state and attempt and on the window's version.
WindowOutcome apply_window_policy(sql::Connection& connection, const Message& message, const FallbackRules& rules,
                                  Time now);

// Meta refused `message` with 131047. Closes the local window, unless the customer wrote after the attempt, and takes
// the path of the policy, once:
//   - `message` is sending (or unknown): refused at once, so its own row is held, replaced, failed or queued again;
//   - `message` is failed: a late status. Its row stays failed; what is sent or held instead is a new row that says
//     `replaces`, and a row that has replaced_by already is left alone.
// Templates are left alone in the second case and fail in the first. A message that a merge has taken to another
// conversation since it was read makes the unit run again.
WindowOutcome outside_window(sql::Connection& connection, const Message& message, const FallbackRules& rules, Time now);

// A fallback template failed (or expired) before it was delivered: clears its claim and fails, with its reason, the
// texts that were held for the answer to it. Nothing for other messages, or when the claim is another's by now. The
// caller has held the conversation since before it held the message.
void fallback_failed(sql::Connection& connection, const Message& message, Time now);

// The customer wrote, or the claim's template failed: no fallback is on its way any more. Moves the window's version.
void clear_claim(sql::Connection& connection, TenantId tenant, ConversationId conversation);

}  // namespace waypost::store
