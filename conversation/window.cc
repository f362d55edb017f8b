#include "conversation/window.h"

#include <algorithm>
#include <array>
#include <utility>

namespace waypost {
namespace {

constexpr std::array<std::pair<WindowPolicy, std::string_view>, 4> kNames{{
    {WindowPolicy::Reject, "reject"},
    {WindowPolicy::Hold, "hold"},
    {WindowPolicy::Template, "template"},
    {WindowPolicy::TemplateThenHold, "template_then_hold"},
}};

enum class Opens { Yes, No };
struct Cause {
  std::string_view word;
  Opens opens;
};
// A reaction and a tap are the customer's messages (Meta names no exception). Undocumented for edits and revokes: the
// careful reading is that they do not extend it. Statuses, echoes, history and the business' own messages, templates
// among them, never do. "standby" is a status or an echo that was copied; the customer's own messages that are copied
// count by their types (conversation/message_via.h).
constexpr std::array kCauses{
    Cause{"text", Opens::Yes},        Cause{"image", Opens::Yes},
    Cause{"video", Opens::Yes},       Cause{"audio", Opens::Yes},
    Cause{"voice", Opens::Yes},       Cause{"document", Opens::Yes},
    Cause{"sticker", Opens::Yes},     Cause{"location", Opens::Yes},
    Cause{"contacts", Opens::Yes},    Cause{"button", Opens::Yes},
    Cause{"interactive", Opens::Yes}, Cause{"order", Opens::Yes},
    Cause{"reaction", Opens::Yes},    Cause{"request_welcome", Opens::Yes},
    Cause{kUserCalls, Opens::Yes},    Cause{kCallAccepted, Opens::Yes},
    Cause{"edit", Opens::No},         Cause{"revoke", Opens::No},
    Cause{"system", Opens::No},       Cause{"unsupported", Opens::No},
    Cause{"unknown", Opens::No},      Cause{"media_placeholder", Opens::No},
    Cause{"template", Opens::No},     Cause{"status", Opens::No},
    Cause{"echo", Opens::No},         Cause{"standby", Opens::No},
    Cause{"history", Opens::No},
};

}  // namespace

std::string_view name_of(WindowPolicy policy) {
  for (const auto& [known, name] : kNames) {
    if (known == policy) return name;
  }
  std::unreachable();
}

std::optional<WindowPolicy> window_policy(std::string_view name) {
  for (const auto& [policy, known] : kNames) {
    if (known == name) return policy;
  }
  return std::nullopt;
}

bool opens_window(std::string_view cause) {
  const auto* known = std::ranges::find(kCauses, cause, &Cause::word);
  return known == kCauses.end() || known->opens == Opens::Yes;
}

ServiceWindow united(const ServiceWindow& one, const ServiceWindow& other) {
  if (one.expires_at < other.expires_at) return united(other, one);
  ServiceWindow whole = one;
  const bool meets = whole.opened_at && other.opened_at && other.expires_at && *other.expires_at >= *whole.opened_at;
  if (meets) whole.opened_at = std::min(*whole.opened_at, *other.opened_at);
  return whole;
}

WindowPolicy policy_in_force(std::optional<WindowPolicy> own, bool has_fallback_template) {
  if (own) return *own;
  return has_fallback_template ? WindowPolicy::TemplateThenHold : WindowPolicy::Reject;
}

}  // namespace waypost
