// Decimal: numbers as people write them, read from texts and written with as many places as asked for. Pure; any
// thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace waypost::workflow {

inline constexpr int kDecimalPlaces = 9;

// "12.50", "-3", "+5", "1e3", space around it. Nothing for anything else, and for what no double holds.
std::optional<Json> read_decimal(std::string_view text);

// The same number, without a point where it is whole: 12.0 is 12.
Json plain_number(const Json& number);

// The number with so many places behind the point (0 to 9), halves away from zero as people round: 1.005 with two
// places is "1.01", -0.5 with none "-1". Nothing for a number of more than 18 digits before the point.
std::optional<std::string> rounded(const Json& number, int places);

// "1234.50" with a comma for the point and points between the thousands: "1.234,50".
struct Marks {
  std::string_view point = ".";
  std::string_view thousands{};
};
std::string with_marks(std::string_view decimal, const Marks& marks);

}  // namespace waypost::workflow
