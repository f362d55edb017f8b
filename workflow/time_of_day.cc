#include "workflow/time_of_day.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/day.h"
#include "base/time_zone.h"

namespace waypost::workflow {
namespace {

constexpr int kDayMinutes = 24 * 60;
// Clocks have gone forward by two hours at most; Samoa once left out a day, which then has no such time at all.
constexpr int kGapMinutes = 180;
// One weekday comes within 7 days, also when one of them is left out.
constexpr int kDaysAhead = 15;

constexpr std::array<std::string_view, 7> kWeekdays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int minutes_in(std::string_view text) {
  return ((text[0] - '0') * 10 + text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] - '0';
}

std::string clock_text(int minutes) {
  std::string text = "00:00";
  text[0] = static_cast<char>('0' + minutes / 600);
  text[1] = static_cast<char>('0' + minutes / 60 % 10);
  text[3] = static_cast<char>('0' + minutes % 60 / 10);
  text[4] = static_cast<char>('0' + minutes % 10);
  return text;
}

// 1970-01-01 was a Thursday.
std::size_t weekday_of(std::int64_t day) { return static_cast<std::size_t>(((day + 3) % 7 + 7) % 7); }

std::optional<Time> time_on(std::int64_t day, int minutes, std::string_view zone) {
  const int last = std::min(minutes + kGapMinutes, kDayMinutes - 1);
  for (int at = minutes; at <= last; ++at) {
    if (auto time = time_in_zone(day_text(day) + "T" + clock_text(at), zone)) return *time;
  }
  return std::nullopt;
}

}  // namespace

bool is_time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return false;
  if (!is_digit(text[0]) || !is_digit(text[1]) || !is_digit(text[3]) || !is_digit(text[4])) return false;
  return text.substr(0, 2) < "24" && text.substr(3) < "60";
}

std::optional<std::size_t> weekday_named(std::string_view name) {
  const auto* found = std::ranges::find(kWeekdays, name);
  if (found == kWeekdays.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kWeekdays.begin());
}

std::optional<Time> next_time_of_day(Time now, std::string_view at, const Weekdays& days, std::string_view zone) {
  if (!is_time_of_day(at)) return std::nullopt;
  const std::string_view known = is_time_zone(zone) ? zone : "UTC";
  const auto today = day_in_zone(now, known);
  for (auto day = today; day < today + kDaysAhead; ++day) {
    if (days.any() && !days.test(weekday_of(day))) continue;
    const auto time = time_on(day, minutes_in(at), known);
    if (time && *time > now) return time;
  }
  return std::nullopt;
}

}  // namespace waypost::workflow
