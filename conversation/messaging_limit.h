// The messaging limit: how many people a business may reach outside their service windows in rolling 24 hours, all its
// numbers together. Pure; any thread. Source: Meta, "Messaging limits"; the facts' section 3.6.

#pragma once

#include <cstdint>
#include <optional>

#include "base/json.h"

namespace waypost {

// By what Meta said last of it to a number or its account (Channel::standing); nothing: it has not said, or there is no
// limit. Words of tiers that came after us count as unknown.
std::optional<std::int64_t> messaging_limit(const Json& standing);

}  // namespace waypost
