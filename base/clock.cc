#include "base/clock.h"

#include <cstdio>

namespace waypost {
namespace {

void put_digits(std::string& text, std::size_t at, std::size_t digits, std::int64_t number) {
  for (std::size_t left = digits; left > 0; number /= 10) text[at + --left] = static_cast<char>('0' + number % 10);
}

}  // namespace

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

// By hand: every event and every answer is full of times.
std::string iso8601(Time at) {
  const auto day = std::chrono::floor<days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  const int year = static_cast<int>(date.year());
  std::string text = "0000-00-00T00:00:00.000Z";
  put_digits(text, 0, 4, year < 0 ? 0 : year);
  put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text, 11, 2, time.hours().count());
  put_digits(text, 14, 2, time.minutes().count());
  put_digits(text, 17, 2, time.seconds().count());
  put_digits(text, 20, 3, time.subseconds().count());
  return year < 0 || year > 9'999 ? std::to_string(year) + text.substr(4) : text;
}

std::optional<Time> parse_iso8601(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0, end = 0;
  const std::string copy(text);
  const int size = static_cast<int>(copy.size());
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &year, &month, &day, &hour, &minute, &second, &ms,
                  &end) != 7 ||
      end != size) {
    ms = 0;
    end = 0;
    if (std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &year, &month, &day, &hour, &minute, &second, &end) !=
            6 ||
        end != size)
      return std::nullopt;
  }
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || ms < 0)
    return std::nullopt;
  return Time(std::chrono::sys_days(date)) + hours(hour) + minutes(minute) + seconds(second) + milliseconds(ms);
}

}  // namespace waypost
