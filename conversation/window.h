// The customer service window: 24 hours from the customer's last message, by Meta's own timestamp of it. Pure.
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

// Does an inbound message of this type open (or renew) the window? Edits, revokes, system messages and unsupported
// kinds do not.
bool opens_window(std::string_view message_type);

inline Time window_end(Time customer_wrote) { return customer_wrote + kServiceWindow; }

// Judged at the moment of the POST, less a safety margin: Meta's clock and ours differ (law 9).
inline bool is_open(std::optional<Time> expires_at, Time now, milliseconds margin) {
  return expires_at && now < *expires_at - margin;
}

// The policy in force: the message's own, else template_then_hold where the workspace names a fallback, else reject.
WindowPolicy policy_in_force(std::optional<WindowPolicy> own, bool has_fallback_template);

}  // namespace waypost
