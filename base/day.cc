#include "base/day.h"

#include <chrono>

namespace waypost {

using std::chrono::days;
using std::chrono::sys_days;

std::int64_t day_of(Time at) { return std::chrono::floor<days>(at).time_since_epoch().count(); }

std::string day_text(std::int64_t day) { return iso8601(Time(days(day))).substr(0, 10); }

std::optional<std::int64_t> day_named(std::string_view text) {
  const auto at = parse_iso8601(std::string(text) + "T00:00:00Z");
  if (!at || day_text(day_of(*at)) != text) return std::nullopt;
  return day_of(*at);
}

Month month_of(std::int64_t day) {
  const std::chrono::year_month_day date{sys_days(days(day))};
  const sys_days first{date.year() / date.month() / 1};
  const sys_days last{date.year() / date.month() / std::chrono::last};
  return {.first = first.time_since_epoch().count(), .last = last.time_since_epoch().count()};
}

}  // namespace waypost
