#include "store/queue_pauses.h"

namespace waypost::store {

Json to_json(const QueuePause& pause) {
  return {{"queue", name_of(pause.queue)}, {"workspaceId", pause.tenant.text()},
          {"workspace", pause.workspace},  {"pausedBy", pause.paused_by},
          {"reason", pause.reason},        {"pausedAt", iso8601(pause.created_at)}};
}

void pause(sql::Connection& connection, const QueuePause& pause) {
  connection.run(
      "INSERT INTO queue_pause (tenant_id, queue, paused_by, reason, created_at) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (tenant_id, queue) DO UPDATE SET paused_by = excluded.paused_by, reason = excluded.reason",
      {pause.tenant, name_of(pause.queue), pause.paused_by, pause.reason, pause.created_at});
}

bool resume(sql::Connection& connection, TenantId tenant, WorkQueue queue) {
  return connection.run("DELETE FROM queue_pause WHERE tenant_id = $1 AND queue = $2", {tenant, name_of(queue)})
             .changed() > 0;
}

std::vector<QueuePause> paused(sql::Connection& connection, WorkQueue queue) {
  std::vector<QueuePause> pauses;
  const auto rows = connection.run(
      "SELECT queue_pause.tenant_id, queue_pause.paused_by, queue_pause.reason, queue_pause.created_at, "
      "COALESCE(tenant.name, '') FROM queue_pause LEFT JOIN tenant ON tenant.id = queue_pause.tenant_id "
      "WHERE queue_pause.queue = $1 ORDER BY queue_pause.tenant_id",
      {name_of(queue)});
  for (const auto row : rows) {
    pauses.push_back({.tenant = row.id<TenantId>(0),
                      .queue = queue,
                      .paused_by = row.text(1),
                      .reason = row.text(2),
                      .created_at = row.time(3),
                      .workspace = row.text(4)});
  }
  return pauses;
}

}  // namespace waypost::store
