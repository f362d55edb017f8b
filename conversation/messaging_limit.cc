#include "conversation/messaging_limit.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace waypost {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> kTiers{{{"TIER_50", 50},
                                                                           {"TIER_250", 250},
                                                                           {"TIER_1K", 1'000},
                                                                           {"TIER_2K", 2'000},
                                                                           {"TIER_10K", 10'000},
                                                                           {"TIER_100K", 100'000}}};
// All spellings, of the fields that bring it.
constexpr std::array<std::string_view, 3> kKeys{"max_daily_conversations_per_business",
                                                "max_daily_conversation_per_phone",
                                                "whatsapp_business_manager_messaging_limit"};

struct Said {
  std::string at{};  // ISO 8601, UTC: later is greater
  Json limit{};
};

void take_later(const Json& standing, std::string_view part, Said& last) {
  const Json* said = find_object(standing, part);
  const Json* value = said ? find_object(*said, "value") : nullptr;
  if (!value) return;
  for (const auto key : kKeys) {
    const Json* limit = find(*value, key);
    const auto at = text_or_empty(*said, "at");
    if (limit && at >= last.at) last = {.at = at, .limit = *limit};
  }
}

}  // namespace

std::optional<std::int64_t> messaging_limit(const Json& standing) {
  Said last;
  for (const auto part : {"quality", "capability", "number"}) take_later(standing, part, last);
  if (last.limit.is_string()) {
    const auto word = last.limit.get<std::string>();
    const auto* tier = std::ranges::find(kTiers, word, &std::pair<std::string_view, std::int64_t>::first);
    if (tier != kTiers.end()) return tier->second;
  }
  const auto number = find_integer({{"limit", last.limit}}, "limit");
  return number && *number >= 0 ? number : std::nullopt;
}

std::optional<RoomPlan> plan_room(const RoomWanted& wanted) {
  const auto at_once = std::min(wanted.people, std::max<std::int64_t>(wanted.room, 0));
  const auto rest = wanted.people - at_once;
  if (rest == 0) return RoomPlan{.at_once = at_once};
  if (wanted.limit <= 0) return std::nullopt;
  const auto turns = (rest + wanted.limit - 1) / wanted.limit;
  return RoomPlan{.at_once = at_once, .last_wait = kCountsFor * turns, .last = rest - (turns - 1) * wanted.limit};
}

}  // namespace waypost
