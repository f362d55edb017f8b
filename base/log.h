// Logging: spdlog with one line a record. error = someone must act, warning = someone should look this week,
// info = life cycle, debug = per message. Nothing unauthenticated may cause a line per request, and no line holds a
// secret, a token, a signature or a message's text. Any thread.

#pragma once

#include <spdlog/spdlog.h>

#include <string_view>

#include "base/error.h"

namespace waypost {

namespace log = spdlog;

enum class LogFormat { Text, Json };

// Sets the process's logger, to standard error. Call once, before other threads run. InvalidInput on an unknown level.
Result<void> start_logging(std::string_view level, LogFormat format);

}  // namespace waypost
