// Throughput: how many messages a second Meta lets a number send and receive together, and what of Meta's answers about
// a number is kept for it in Channel::standing. Pure; any thread. Source: Meta, "Throughput", "Onboarding WhatsApp
// Business app users"; the facts' section 3.6.

#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"

namespace waypost {

inline constexpr int kStandardThroughput = 80;
inline constexpr int kHighThroughput = 1'000;
inline constexpr int kThroughputBesideApp = 20;  // of a number that is used in the WhatsApp Business app as well

// By what Meta said last of the number; while it has said nothing, or in words that came after us, the standard.
int throughput(const Json& standing);

// The standing with what a look at the number showed at `at` (its fields by Meta's names). Nothing: that changes
// nothing, neither the words nor what follows from them beside news that came meanwhile.
std::optional<Json> with_number_fields(const Json& standing, const Json& fields, Time at);
// The same of a message that a person wrote in the WhatsApp Business app at `at`.
std::optional<Json> with_app_in_use(const Json& standing, Time at);

}  // namespace waypost
