#include "store/queue_pauses.h"

#include <algorithm>

namespace waypost::store {
namespace {

TenantId tenant_of(const PauseReach& reach) { return reach.tenant.value_or(TenantId{}); }
ChannelId channel_of(const PauseReach& reach) { return reach.channel.value_or(ChannelId{}); }

std::string_view scope_of(const PauseReach& reach) {
  if (reach.channel) return "channel";
  return reach.tenant ? "workspace" : "installation";
}

PauseReach read_reach(const sql::Row& row) {
  PauseReach reach;
  if (const auto tenant = row.id<TenantId>(0); !tenant.uuid.is_nil()) reach.tenant = tenant;
  if (const auto channel = row.id<ChannelId>(1); !channel.uuid.is_nil()) reach.channel = channel;
  return reach;
}

}  // namespace

Json to_json(const QueuePause& pause) {
  Json json{{"queue", name_of(pause.queue)},
            {"scope", scope_of(pause.reach)},
            {"pausedBy", pause.paused_by},
            {"reason", pause.reason},
            {"pausedAt", iso8601(pause.created_at)}};
  if (pause.reach.tenant) {
    json["workspaceId"] = pause.reach.tenant->text();
    json["workspace"] = pause.workspace;
  }
  if (pause.reach.channel) {
    json["channelId"] = pause.reach.channel->text();
    json["channel"] = pause.channel_name;
  }
  return json;
}

void pause(sql::Connection& connection, const QueuePause& pause) {
  connection.run(
      "INSERT INTO queue_pause (tenant_id, channel_id, queue, paused_by, reason, created_at) VALUES ($1, $2, $3, $4, "
      "$5, $6) ON CONFLICT (tenant_id, channel_id, queue) DO UPDATE SET paused_by = excluded.paused_by, reason = "
      "excluded.reason",
      {tenant_of(pause.reach), channel_of(pause.reach), name_of(pause.queue), pause.paused_by, pause.reason,
       pause.created_at});
}

bool resume(sql::Connection& connection, const PauseReach& reach, WorkQueue queue) {
  return connection
             .run("DELETE FROM queue_pause WHERE tenant_id = $1 AND channel_id = $2 AND queue = $3",
                  {tenant_of(reach), channel_of(reach), name_of(queue)})
             .changed() > 0;
}

std::vector<QueuePause> paused(sql::Connection& connection, WorkQueue queue) {
  std::vector<QueuePause> pauses;
  const auto rows = connection.run(
      "SELECT p.tenant_id, p.channel_id, p.paused_by, p.reason, p.created_at, COALESCE(tenant.name, ''), "
      "COALESCE(channel.name, '') FROM queue_pause AS p LEFT JOIN tenant ON tenant.id = p.tenant_id LEFT JOIN channel "
      "ON channel.tenant_id = p.tenant_id AND channel.id = p.channel_id WHERE p.queue = $1 ORDER BY p.tenant_id, "
      "p.channel_id",
      {name_of(queue)});
  for (const auto row : rows) {
    pauses.push_back({.reach = read_reach(row),
                      .queue = queue,
                      .paused_by = row.text(2),
                      .reason = row.text(3),
                      .created_at = row.time(4),
                      .workspace = row.text(5),
                      .channel_name = row.text(6)});
  }
  return pauses;
}

std::vector<TenantId> paused_owners(sql::Connection& connection, WorkQueue queue) {
  const auto pauses = paused(connection, queue);
  const bool all = std::ranges::any_of(pauses, [](const QueuePause& one) { return !one.reach.tenant; });
  std::vector<TenantId> owners;
  if (all) {
    for (const auto row : connection.run("SELECT id FROM tenant ORDER BY id")) owners.push_back(row.id<TenantId>(0));
    return owners;
  }
  for (const auto& one : pauses) {
    if (!one.reach.channel) owners.push_back(*one.reach.tenant);
  }
  return owners;
}

std::vector<QueuePause> pauses_of_channel(sql::Connection& connection, TenantId tenant, ChannelId channel) {
  std::vector<QueuePause> pauses;
  const auto rows = connection.run(
      "SELECT tenant_id, channel_id, queue, paused_by, reason, created_at FROM queue_pause WHERE tenant_id IN ($1, $3) "
      "AND channel_id IN ($2, $3) ORDER BY queue, tenant_id, channel_id",
      {tenant, channel, Uuid{}});
  for (const auto row : rows) {
    const auto queue = work_queue_named(row.text(2));
    if (!queue) continue;
    pauses.push_back({.reach = read_reach(row),
                      .queue = *queue,
                      .paused_by = row.text(3),
                      .reason = row.text(4),
                      .created_at = row.time(5)});
  }
  return pauses;
}

bool is_channel_paused(sql::Connection& connection, TenantId tenant, ChannelId channel, WorkQueue queue) {
  return !connection
              .run("SELECT 1 FROM queue_pause WHERE tenant_id = $1 AND channel_id = $2 AND queue = $3",
                   {tenant, channel, name_of(queue)})
              .empty();
}

}  // namespace waypost::store
