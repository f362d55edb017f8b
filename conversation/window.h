// The customer service window: 24 hours from the customer's last message, by Meta's own timestamp of it; one a customer
// and number. Pure. Apart from it: when messages are free (conversation/free_entry_point.h).
// Source: Meta, "Send messages", customer service windows; the facts' section 3.7.

#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace waypost {

inline constexpr std::chrono::hours kServiceWindow{24};

// What becomes of a free-form message outside the window.
enum class WindowPolicy {
  Reject,            // refused: 422 window_closed
  Hold,              // delivered when the customer next writes, or expires
  Template,          // the workspace's fallback template goes instead; the message ends as replaced
  TemplateThenHold,  // the same, and the message follows when the customer answers
};

std::string_view name_of(WindowPolicy policy);  // "reject", "hold", "template", "template_then_hold"
std::optional<WindowPolicy> window_policy(std::string_view name);

// What opens the window beside messages.
inline constexpr std::string_view kUserCalls = "user_call";         // answered or not
inline constexpr std::string_view kCallAccepted = "call_accepted";  // the customer takes the business' call

// Does this open (or renew) the window? `cause` is the type of a message that the customer wrote to the business, or
// one of the words above. One table says what does and what never does; a type that Meta adds is a customer's message.
bool opens_window(std::string_view cause);

inline Time window_end(Time customer_wrote) { return customer_wrote + kServiceWindow; }

// A window without a break: renewed as long as it was open.
struct ServiceWindow {
  std::optional<Time> opened_at{};
  std::optional<Time> expires_at{};
};
// Of two conversations that become one: the one that ends later, from the other's beginning where they meet.
ServiceWindow united(const ServiceWindow& one, const ServiceWindow& other);

// Judged at the moment of the POST, less a safety margin: Meta's clock and ours differ (law 9).
inline bool is_open(std::optional<Time> expires_at, Time now, milliseconds margin) {
  return expires_at && now < *expires_at - margin;
}

// The policy in force: the message's own, else template_then_hold where the workspace names a fallback, else reject.
WindowPolicy policy_in_force(std::optional<WindowPolicy> own, bool has_fallback_template);

}  // namespace waypost
