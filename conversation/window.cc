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

// Undocumented for edits and revokes: the careful reading is that they do not extend it.
constexpr std::array<std::string_view, 6> kOpensNothing{"edit",        "revoke",  "system",
                                                        "unsupported", "unknown", "media_placeholder"};

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

bool opens_window(std::string_view message_type) {
  return std::ranges::find(kOpensNothing, message_type) == kOpensNothing.end();
}

WindowPolicy policy_in_force(std::optional<WindowPolicy> own, bool has_fallback_template) {
  if (own) return *own;
  return has_fallback_template ? WindowPolicy::TemplateThenHold : WindowPolicy::Reject;
}

}  // namespace waypost
