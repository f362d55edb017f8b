#include "store/run_counts.h"

#include <algorithm>
#include <array>
#include <map>

#include "store/counters.h"

namespace waypost::store {
namespace {

constexpr std::array<std::string_view, 3> kUnderWay{"queued", "running", "waiting"};
constexpr std::array<std::string_view, 3> kFinal{"completed", "failed", "cancelled"};

std::string kind_of(std::string_view status) { return "runs." + std::string(status); }

}  // namespace

Json to_json(const RunCounts& counts) {
  return {{"queued", counts.queued},       {"running", counts.running}, {"waiting", counts.waiting},
          {"completed", counts.completed}, {"failed", counts.failed},   {"cancelled", counts.cancelled}};
}

bool is_final_run_status(std::string_view status) { return std::ranges::find(kFinal, status) != kFinal.end(); }

bool is_run_status(std::string_view text) {
  return is_final_run_status(text) || std::ranges::find(kUnderWay, text) != kUnderWay.end();
}

RunCounts count_runs(sql::Connection& connection, TenantId tenant, std::int64_t most) {
  const auto of = [&](std::string_view status) { return count_runs_of(connection, tenant, status, most); };
  return {.queued = of("queued"),
          .running = of("running"),
          .waiting = of("waiting"),
          .completed = of("completed"),
          .failed = of("failed"),
          .cancelled = of("cancelled")};
}

std::int64_t count_runs_of(sql::Connection& connection, TenantId tenant, std::string_view status, std::int64_t most) {
  if (is_final_run_status(status)) return total(connection, tenant, kind_of(status));
  return connection
      .run("SELECT count(*) FROM (SELECT 1 AS one FROM run WHERE tenant_id = $1 AND status = $2 LIMIT $3) AS counted",
           {tenant, status, most})
      .front()
      .number(0);
}

void count_ended_run(sql::Connection& connection, TenantId tenant, std::string_view status) {
  count(connection, tenant, kind_of(status), 1);
}

void uncount_runs(sql::Connection& connection, TenantId tenant, std::span<const std::string> statuses) {
  std::map<std::string, std::int64_t> kinds;
  for (const auto& status : statuses) {
    ++kinds["runs"];
    if (is_final_run_status(status)) ++kinds[kind_of(status)];
  }
  for (const auto& [kind, n] : kinds) count(connection, tenant, kind, -n);
}

std::vector<std::string> statuses_in(const sql::Rows& deleted) {
  std::vector<std::string> statuses;
  for (const auto row : deleted) statuses.push_back(row.text(0));
  return statuses;
}

}  // namespace waypost::store
