// Retention of what workflows leave behind: runs that ended long ago, with their steps, and counts of windows that are
// over. Lane only; bulk units.

#pragma once

#include <cstdint>

#include "sql/connection.h"

namespace waypost::store {

// Deletes at most `most` rows, the steps of a run before the run, and keeps the counters right. A run goes when it has
// no steps left, perhaps by a later call. How many rows went; 0: there is nothing to delete any more.
std::int64_t drop_old_runs(sql::Connection& connection, TenantId tenant, Time ended_before, std::int64_t most);

// What logic.rate_limit counted until then or before.
std::int64_t drop_past_node_counts(sql::Connection& connection, Time now, std::int64_t most);

}  // namespace waypost::store
