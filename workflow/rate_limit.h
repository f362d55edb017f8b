// logic.rate_limit's configuration: also for whoever looks up how often a node was passed before it is planned. Pure;
// any thread.

#pragma once

#include <chrono>
#include <cstdint>

#include "base/json.h"

namespace waypost::workflow {

struct RateLimit {
  std::int64_t most = 1;  // passes in a window
  std::chrono::seconds window = std::chrono::hours(1);
  bool per_contact = true;  // else for the workspace
};

// What is missing or wrong is as above.
RateLimit rate_limit_in(const Json& config);

}  // namespace waypost::workflow
