// Meta's times: seconds since 1970, as a text or a number. Pure; any thread.

#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"

namespace waypost {

// Nothing where there is none, or one before 1970 or beyond the year 9999, which ISO 8601 cannot write in four digits.
inline std::optional<Time> meta_time(const Json& json, std::string_view key) {
  constexpr std::int64_t kLastSecond = 253'402'300'799;
  const auto at = find_integer(json, key);
  if (!at || *at < 0 || *at > kLastSecond) return std::nullopt;
  return from_millis(*at * 1000);
}

}  // namespace waypost
