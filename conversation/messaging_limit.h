// The messaging limit: how many people a business may reach outside their service windows in rolling 24 hours, all its
// numbers together. Pure; any thread. Source: Meta, "Messaging limits"; the facts' section 3.6.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/json.h"

namespace waypost {

// By what Meta said last of it to a number or its account (Channel::standing); nothing: it has not said, or there is no
// limit. Words of tiers that came after us count as unknown.
std::optional<std::int64_t> messaging_limit(const Json& standing);

// So long a person counts at the most: here they are counted by the hour (store/portfolio.h).
inline constexpr std::chrono::hours kCountsFor{25};

// Whom one wants to reach outside their windows, and what of the limit there is for them.
struct RoomWanted {
  std::int64_t people = 0;
  std::int64_t limit = 0;
  std::int64_t room = 0;  // now
};
// Who does not fit now waits, and at most `limit` of them go in every kCountsFor: as late as can be, for some who count
// now make room before.
struct RoomPlan {
  std::int64_t at_once = 0;
  std::chrono::hours last_wait{0};  // of the last of them; 0: nobody waits
  std::int64_t last = 0;            // how many go then
  bool operator==(const RoomPlan&) const = default;
};
// Nothing: the limit lets nobody through, ever.
std::optional<RoomPlan> plan_room(const RoomWanted& wanted);

}  // namespace waypost
