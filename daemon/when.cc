#include "daemon/when.h"

#include <charconv>
#include <optional>
#include <string>

namespace waypost {
namespace {

constexpr std::int64_t kMost = 100'000;  // of any unit: a life time of days

std::optional<std::chrono::seconds> unit_of(char letter) {
  switch (letter) {
    case 's':
      return std::chrono::seconds(1);
    case 'm':
      return std::chrono::minutes(1);
    case 'h':
      return std::chrono::hours(1);
    case 'd':
      return std::chrono::days(1);
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<Time> read_when(std::string_view text, Time now) {
  if (const auto at = parse_iso8601(text)) return *at;
  std::int64_t number = 0;
  const auto unit = text.empty() ? std::nullopt : unit_of(text.back());
  const auto* end = text.data() + text.size() - (unit ? 1 : 0);
  const auto [read, error] = std::from_chars(text.data(), end, number);
  if (!unit || error != std::errc() || read != end || number < 0 || number > kMost) {
    return fail(ErrorKind::InvalidInput, "\"" + std::string(text) +
                                             "\" is no time: write 2026-11-23T15:52:46Z, or how long ago, such as 90s, "
                                             "15m, 6h or 2d");
  }
  return now - number * *unit;
}

}  // namespace waypost
