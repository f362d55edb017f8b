// Handover: which app owns a conversation with a customer, where a business has several (Meta's conversation routing).
// Pure; any thread. Source: Meta, messaging_handovers webhook; the facts' section 1.7. Like the older protocol of the
// same name, control_passed tells an app that the conversation is its own now, control_taken that it is no longer.

#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "conversation/identity.h"

namespace waypost {

inline constexpr std::string_view kAnotherApp = "other";  // where Meta does not say which

struct Handover {
  Sighting person{};
  std::optional<std::string> owner{};  // nothing: we are
  Time at{};
};
// Nothing where it does not say whom or when.
std::optional<Handover> handover_of(const Json& value);

}  // namespace waypost
