// Days of the calendar as numbers: how many since 1970-01-01. Which day a moment is on depends on the place: of UTC
// here, of a time zone in base/time_zone.h. Any thread.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace waypost {

std::int64_t day_of(Time at);            // in UTC
std::string day_text(std::int64_t day);  // "2026-11-30"
std::optional<std::int64_t> day_named(std::string_view text);

// A month of the calendar; both days are in it.
struct Month {
  std::int64_t first = 0;
  std::int64_t last = 0;
  bool operator==(const Month&) const = default;
};
Month month_of(std::int64_t day);

}  // namespace waypost
