// When: a time as people type it. Pure; any thread.

#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace waypost {

// "2026-11-23T15:52:46Z", or how long ago: "90s", "15m", "6h", "2d". InvalidInput for anything else.
Result<Time> read_when(std::string_view text, Time now);

}  // namespace waypost
