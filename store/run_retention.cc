#include "store/run_retention.h"

#include <algorithm>

#include "store/run_counts.h"

namespace waypost::store {
namespace {

// Runs that a unit looks at. Most have a handful of steps: their steps are a unit's worth, then they are.
constexpr std::int64_t kRunsAUnit = 100;

std::int64_t drop_steps(sql::Connection& connection, TenantId tenant, Time before, std::int64_t most) {
  return connection
      .run(
          "DELETE FROM step WHERE (tenant_id, run_id, number) IN (SELECT step.tenant_id, step.run_id, step.number FROM "
          "(SELECT id FROM run WHERE tenant_id = $1 AND ended_at IS NOT NULL AND ended_at < $2 ORDER BY ended_at LIMIT "
          "$3) AS old JOIN step ON step.tenant_id = $1 AND step.run_id = old.id LIMIT $4)",
          {tenant, before, kRunsAUnit, most})
      .changed();
}

// Another transaction may have erased some of those whose steps just went, and others be in their place.
std::int64_t drop_bare_runs(sql::Connection& connection, TenantId tenant, Time before, std::int64_t most) {
  const auto gone = connection.run(
      "DELETE FROM run WHERE tenant_id = $1 AND id IN (SELECT id FROM run WHERE tenant_id = $1 AND ended_at IS NOT "
      "NULL "
      "AND ended_at < $2 ORDER BY ended_at LIMIT $3) AND NOT EXISTS (SELECT 1 FROM step WHERE step.tenant_id = "
      "run.tenant_id AND step.run_id = run.id) RETURNING status",
      {tenant, before, std::min(kRunsAUnit, most)});
  uncount_runs(connection, tenant, statuses_in(gone));
  return static_cast<std::int64_t>(gone.size());
}

}  // namespace

std::int64_t drop_old_runs(sql::Connection& connection, TenantId tenant, Time ended_before, std::int64_t most) {
  const auto steps = drop_steps(connection, tenant, ended_before, most);
  if (steps == most) return steps;
  return steps + drop_bare_runs(connection, tenant, ended_before, most - steps);
}

std::int64_t drop_past_node_counts(sql::Connection& connection, Time now, std::int64_t most) {
  return connection
      .run(
          "DELETE FROM node_count WHERE (tenant_id, workflow_id, node_id, subject) IN (SELECT tenant_id, workflow_id, "
          "node_id, subject FROM node_count WHERE ends_at < $1 LIMIT $2) AND ends_at < $1",
          {now, most})
      .changed();
}

}  // namespace waypost::store
