// Run counts: how many runs of a workspace are in each state. Those that have ended are counters, moved where a run
// ends and where one is deleted; those that have not are few, and counted. Lane only.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"

namespace waypost::store {

struct RunCounts {
  std::int64_t queued = 0;
  std::int64_t running = 0;
  std::int64_t waiting = 0;
  std::int64_t completed = 0;
  std::int64_t failed = 0;
  std::int64_t cancelled = 0;
};
// {"queued", "running", "waiting", "completed", "failed", "cancelled"}
Json to_json(const RunCounts& counts);

// "queued" to "cancelled".
bool is_run_status(std::string_view text);
// One from which nothing follows: completed, failed or cancelled.
bool is_final_run_status(std::string_view status);

// Those under way are counted up to `most` each.
RunCounts count_runs(sql::Connection& connection, TenantId tenant, std::int64_t most);
// Of one state; as count_runs().
std::int64_t count_runs_of(sql::Connection& connection, TenantId tenant, std::string_view status, std::int64_t most);

// A run came to its end.
void count_ended_run(sql::Connection& connection, TenantId tenant, std::string_view status);
// Rows of runs are deleted, which had these statuses.
void uncount_runs(sql::Connection& connection, TenantId tenant, std::span<const std::string> statuses);
// For that: the first column of what a DELETE … RETURNING status answered.
std::vector<std::string> statuses_in(const sql::Rows& deleted);

}  // namespace waypost::store
