// Time zones by their IANA names, from ICU's data: the library of this compiler has none. Any thread.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace waypost {

// "Europe/Berlin", "UTC"; upper and lower case count.
bool is_time_zone(std::string_view name);

// When a clock in that zone shows `local` ("2026-12-01T09:00", also with seconds). Of a time that comes twice, when
// clocks go back, the first. InvalidInput for one that never comes, and for what is no time.
Result<Time> time_in_zone(std::string_view local, std::string_view zone);

// The day (base/day.h) that a calendar in that zone shows then; of a zone that is none, UTC's.
std::int64_t day_in_zone(Time at, std::string_view zone);

// What a calendar and a clock show.
struct LocalTime {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  bool operator==(const LocalTime&) const = default;
};

// What they show in that zone then; in a zone that is none, UTC's. `at` is of the years 1 to 9999.
LocalTime local_time(Time at, std::string_view zone);

// "2026-12-01", "2026-12-01T09:00", "2026-12-01T09:00:30", also with a space for the T. Nothing for anything else, and
// for what no calendar or clock shows.
std::optional<LocalTime> parse_local_time(std::string_view text);

// RFC 3339: "2026-12-01T09:00:00Z", "2026-12-01T10:00:00+01:00". Nothing for anything else.
std::optional<Time> parse_rfc3339(std::string_view text);

}  // namespace waypost
