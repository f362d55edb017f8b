// Durations of configurations: {"value": 5, "unit": "minutes"}, or a number of seconds. Pure; any thread.

#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace waypost::workflow {

inline constexpr std::chrono::seconds kShortestDuration{1};
inline constexpr std::chrono::seconds kLongestDuration = std::chrono::days(365);

// Whole seconds (the rest is cut), or what is wrong.
std::expected<std::chrono::seconds, std::string> read_duration(const Json& json);

// Of a configuration's member; where it is missing, null or wrong: `otherwise`.
std::chrono::seconds duration_in(const Json& config, std::string_view key, std::chrono::seconds otherwise);

// A fault for a member that is there and is no duration.
void check_duration(std::vector<FieldError>& faults, const Json& config, std::string_view key);

}  // namespace waypost::workflow
