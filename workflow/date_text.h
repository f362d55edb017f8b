// DateText: dates read from what fields and answers hold, and written by a format: "DD.MM.YYYY HH:mm". Without names of
// days and months: those depend on the customer's language. Pure; any thread.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time_zone.h"

namespace waypost::workflow {

inline constexpr std::string_view kDateFormat = "YYYY-MM-DD HH:mm";

// What the zone's clocks show at the date. It is a text by ISO 8601: with "Z" or an offset a moment, without one what
// the clocks show already ("2026-12-01", "2026-12-01T09:00"). Or a number since 1970: seconds, and from 100,000,000,000
// on milliseconds; WhatsApp's ten digits of seconds, and thirteen, also as a text. Nothing for anything else, and
// outside the years 1 to 9999.
std::optional<LocalTime> read_date(const Json& json, std::string_view zone);

struct DateLetters {
  std::string_view letters{};  // "DD"
  std::string_view says{};
  std::string (*write)(const LocalTime& local) = nullptr;
};
std::span<const DateLetters> date_letters();

// Letters stand for what the table says, or in [brackets] for themselves; whatever is no letter stands for itself.
bool is_date_format(std::string_view format);

// `format` is one.
std::string date_text(const LocalTime& local, std::string_view format);

}  // namespace waypost::workflow
