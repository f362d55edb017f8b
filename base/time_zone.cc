#include "base/time_zone.h"

#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string>

#include "base/day.h"

namespace waypost {
namespace {

struct CloseCalendar {
  void operator()(UCalendar* calendar) const noexcept { ucal_close(calendar); }
};
using Calendar = std::unique_ptr<UCalendar, CloseCalendar>;

std::u16string wide(std::string_view name) { return {name.begin(), name.end()}; }

// The number that fills `text`.
bool read_number(std::string_view text, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0;
}

// "YYYY-MM-DDTHH:MM" and perhaps ":SS".
std::optional<LocalTime> read_local(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() != 16 && text.size() != 19) return std::nullopt;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_digit = text[at] >= '0' && text[at] <= '9';
    if (kShape[at] == '0' ? !is_digit : text[at] != kShape[at]) return std::nullopt;
  }
  LocalTime local;
  const bool read = read_number(text.substr(0, 4), local.year) && read_number(text.substr(5, 2), local.month) &&
                    read_number(text.substr(8, 2), local.day) && read_number(text.substr(11, 2), local.hour) &&
                    read_number(text.substr(14, 2), local.minute) &&
                    (text.size() == 16 || read_number(text.substr(17, 2), local.second));
  return read ? std::optional(local) : std::nullopt;
}

std::chrono::year_month_day date_of(const LocalTime& local) {
  return {std::chrono::year(local.year), std::chrono::month(static_cast<unsigned>(local.month)),
          std::chrono::day(static_cast<unsigned>(local.day))};
}

Calendar calendar_of(std::string_view zone) {
  const auto name = wide(zone);
  UErrorCode status = U_ZERO_ERROR;
  Calendar calendar(ucal_open(name.c_str(), static_cast<std::int32_t>(name.size()), "en", UCAL_GREGORIAN, &status));
  if (U_FAILURE(status)) return nullptr;
  ucal_setAttribute(calendar.get(), UCAL_LENIENT, 0);
  ucal_setAttribute(calendar.get(), UCAL_REPEATED_WALL_TIME, UCAL_WALLTIME_FIRST);
  return calendar;
}

// A thread keeps the calendar that it used last: opening one reads the zone's data.
struct KeptCalendar {
  std::string zone{};
  Calendar calendar{};
};
UCalendar* kept_calendar(std::string_view zone) {
  thread_local KeptCalendar kept;
  if (kept.zone != zone)
    kept = {.zone = std::string(zone), .calendar = is_time_zone(zone) ? calendar_of(zone) : nullptr};
  return kept.calendar.get();
}

// How far the zone's clocks are ahead of UTC then.
milliseconds ahead_of_utc(Time at, std::string_view zone) {
  auto* calendar = zone == "UTC" ? nullptr : kept_calendar(zone);
  if (calendar == nullptr) return milliseconds(0);
  UErrorCode status = U_ZERO_ERROR;
  ucal_setMillis(calendar, static_cast<double>(to_millis(at)), &status);
  const auto ahead = ucal_get(calendar, UCAL_ZONE_OFFSET, &status) + ucal_get(calendar, UCAL_DST_OFFSET, &status);
  return milliseconds(U_FAILURE(status) ? 0 : ahead);
}

}  // namespace

bool is_time_zone(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.starts_with("Etc/Unknown")) return false;
  const auto asked = wide(name);
  std::array<char16_t, 128> canonical{};
  UBool is_system = 0;
  UErrorCode status = U_ZERO_ERROR;
  ucal_getCanonicalTimeZoneID(asked.c_str(), static_cast<std::int32_t>(asked.size()), canonical.data(),
                              static_cast<std::int32_t>(canonical.size()), &is_system, &status);
  return U_SUCCESS(status) && is_system != 0;
}

Result<Time> time_in_zone(std::string_view local, std::string_view zone) {
  const auto read = read_local(local);
  if (!read) return fail(ErrorKind::InvalidInput, "Expected a local time like 2026-12-01T09:00");
  if (!is_time_zone(zone)) return fail(ErrorKind::InvalidInput, "There is no time zone " + std::string(zone));
  const auto calendar = calendar_of(zone);
  if (!calendar) return fail(ErrorKind::Internal, "the time zone's data cannot be read");
  UErrorCode status = U_ZERO_ERROR;
  ucal_clear(calendar.get());
  ucal_setDateTime(calendar.get(), read->year, read->month - 1, read->day, read->hour, read->minute, read->second,
                   &status);
  const double millis = ucal_getMillis(calendar.get(), &status);
  if (U_FAILURE(status)) return fail(ErrorKind::InvalidInput, "This time does not exist in " + std::string(zone));
  return from_millis(static_cast<std::int64_t>(millis));
}

std::int64_t day_in_zone(Time at, std::string_view zone) { return day_of(at + ahead_of_utc(at, zone)); }

LocalTime local_time(Time at, std::string_view zone) {
  const auto shown = at + ahead_of_utc(at, zone);
  const auto day = std::chrono::floor<std::chrono::days>(shown);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<seconds>(shown - day));
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<int>(static_cast<unsigned>(date.month())),
          .day = static_cast<int>(static_cast<unsigned>(date.day())),
          .hour = static_cast<int>(time.hours().count()),
          .minute = static_cast<int>(time.minutes().count()),
          .second = static_cast<int>(time.seconds().count())};
}

std::optional<LocalTime> parse_local_time(std::string_view text) {
  constexpr std::size_t kDate = 10;
  std::string whole(text);
  if (whole.size() == kDate) whole += "T00:00";
  if (whole.size() > kDate && whole[kDate] == ' ') whole[kDate] = 'T';
  const auto local = read_local(whole);
  if (!local || !date_of(*local).ok()) return std::nullopt;
  return local->hour < 24 && local->minute < 60 && local->second < 60 ? local : std::nullopt;
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  constexpr std::size_t kOffset = 6;  // "+01:00"
  if (text.size() <= kOffset || text[text.size() - 3] != ':' || text.ends_with('Z')) return parse_iso8601(text);
  const auto offset = text.substr(text.size() - kOffset);
  int hours = 0;
  int minutes = 0;
  const bool read = (offset[0] == '+' || offset[0] == '-') && read_number(offset.substr(1, 2), hours) &&
                    read_number(offset.substr(4, 2), minutes) && hours < 24 && minutes < 60;
  const auto local = parse_iso8601(std::string(text.substr(0, text.size() - kOffset)) + "Z");
  if (!read || !local) return std::nullopt;
  const auto ahead = std::chrono::minutes(hours * 60 + minutes);
  return offset[0] == '+' ? *local - ahead : *local + ahead;
}

}  // namespace waypost
