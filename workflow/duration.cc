#include "workflow/duration.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace waypost::workflow {
namespace {

using std::chrono::seconds;

constexpr std::array<std::pair<std::string_view, seconds>, 4> kUnits{{{"seconds", seconds(1)},
                                                                      {"minutes", std::chrono::minutes(1)},
                                                                      {"hours", std::chrono::hours(1)},
                                                                      {"days", std::chrono::days(1)}}};

std::optional<seconds> unit_named(std::string_view name) {
  const auto* found = std::ranges::find(kUnits, name, &std::pair<std::string_view, seconds>::first);
  if (found == kUnits.end()) return std::nullopt;
  return found->second;
}

// As a fraction, so that 1.5 hours are 90 minutes; what does not fit an integer is out of bounds before it becomes one.
std::expected<seconds, std::string> within_bounds(double given) {
  if (given < static_cast<double>(kShortestDuration.count()) || given > static_cast<double>(kLongestDuration.count())) {
    return std::unexpected("must be from 1 second to 365 days");
  }
  return seconds(static_cast<std::int64_t>(given));
}

}  // namespace

std::expected<seconds, std::string> read_duration(const Json& json) {
  if (json.is_number()) return within_bounds(json.get<double>());
  const Json* value = find(json, "value");
  const auto unit = unit_named(text_or_empty(json, "unit"));
  if (value == nullptr || !value->is_number() || !unit) {
    return std::unexpected("must be a number of seconds, or {value, unit} in seconds, minutes, hours or days");
  }
  return within_bounds(value->get<double>() * static_cast<double>(unit->count()));
}

seconds duration_in(const Json& config, std::string_view key, seconds otherwise) {
  const Json* json = find(config, key);
  if (json == nullptr || json->is_null()) return otherwise;
  return read_duration(*json).value_or(otherwise);
}

void check_duration(std::vector<FieldError>& faults, const Json& config, std::string_view key) {
  const Json* json = find(config, key);
  if (json == nullptr || json->is_null()) return;
  const auto read = read_duration(*json);
  if (!read) faults.push_back({std::string(key), read.error()});
}

}  // namespace waypost::workflow
