// The next time that a clock in some zone shows a time of day, on one of some days of the week. Pure; any thread.

#pragma once

#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace waypost::workflow {

// "00:00" to "23:59".
bool is_time_of_day(std::string_view text);

using Weekdays = std::bitset<7>;  // from Monday; none: any day
// "mon", "tue" … as a place in Weekdays.
std::optional<std::size_t> weekday_named(std::string_view name);

// Behind `now`, never at it. Where clocks go forward over the time, the first minute behind the gap; of a time that
// comes twice on a day, the first. Nothing for what is no time of day; a zone that is none is UTC.
std::optional<Time> next_time_of_day(Time now, std::string_view at, const Weekdays& days, std::string_view zone);

}  // namespace waypost::workflow
