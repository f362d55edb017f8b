#include "store/channel_health.h"

#include "conversation/channel_health.h"
#include "sql/dialect.h"
#include "store/events.h"

namespace waypost::store {
namespace {

constexpr std::chrono::hours kSilenceSpan{2};
constexpr std::int64_t kConversationsLookedAt = 300;

const std::string& select_health() {
  static const std::string kText =
      "SELECT tenant_id, channel_id, status, report, checked_at, changed_at FROM channel_health ";
  return kText;
}

ChannelHealth read_health(const sql::Row& row) {
  return {.tenant = row.id<TenantId>(0),
          .channel = row.id<ChannelId>(1),
          .status = row.text(2),
          .report = row.json(3),
          .checked_at = row.time(4),
          .changed_at = row.time(5)};
}

void tell(sql::Connection& connection, const ChannelHealth& health, Time now) {
  append_event(connection, health.tenant,
               {.type = "channel.health_changed", .payload = dump({{"health", to_json(health)}})}, now);
}

void write(sql::Connection& connection, const ChannelHealth& health) {
  connection.run(
      "INSERT INTO channel_health (tenant_id, channel_id, status, report, checked_at, changed_at) VALUES ($1, $2, $3, "
      "$4, $5, $6) ON CONFLICT (tenant_id, channel_id) DO UPDATE SET status = excluded.status, report = "
      "excluded.report, checked_at = excluded.checked_at, changed_at = excluded.changed_at",
      {health.tenant, health.channel, health.status, sql::JsonText{dump(health.report)}, health.checked_at,
       health.changed_at});
}

}  // namespace

Json to_json(const ChannelHealth& health) {
  Json json = health.report;
  json["channelId"] = health.channel.text();
  json["checkedAt"] = iso8601(health.checked_at);
  json["changedAt"] = iso8601(health.changed_at);
  return json;
}

std::optional<ChannelHealth> find_health(sql::Connection& connection, TenantId tenant, ChannelId channel) {
  static const std::string kText = select_health() + "WHERE tenant_id = $1 AND channel_id = $2";
  const auto rows = connection.run(kText, {tenant, channel});
  if (rows.empty()) return std::nullopt;
  return read_health(rows.front());
}

std::vector<ChannelHealth> all_health(sql::Connection& connection) {
  static const std::string kText = select_health() + "ORDER BY tenant_id, channel_id";
  std::vector<ChannelHealth> all;
  for (const auto row : connection.run(kText)) all.push_back(read_health(row));
  return all;
}

// The channel's row is held, so that of two looks at a time each is compared with what the other wrote.
std::optional<ChannelHealth> keep_health(sql::Connection& connection, ChannelHealth health, Time now) {
  if (!lock_channel(connection, health.tenant, health.channel)) return std::nullopt;
  const auto before = find_health(connection, health.tenant, health.channel);
  if (before && before->checked_at > health.checked_at) return before;
  const bool same = before ? is_same_health(before->report, health.report) : health.status == "good";
  health.changed_at = before && same ? before->changed_at : health.checked_at;
  write(connection, health);
  if (!same) tell(connection, health, now);
  return health;
}

bool is_silent(sql::Connection& connection, const Channel& channel, milliseconds silence, Time now) {
  const Time end = now - silence;
  const auto rows = connection.run(
      "SELECT COALESCE(sum(CASE WHEN m.state = 'accepted' THEN 1 ELSE 0 END), 0), count(*) FROM (SELECT id FROM "
      "conversation WHERE tenant_id = $1 AND merged_into IS NULL AND last_message_at >= $3 ORDER BY last_message_at "
      "DESC, id DESC LIMIT $5) AS c JOIN message AS m ON m.tenant_id = $1 AND m.conversation_id = c.id AND "
      "m.happened_at >= $3 WHERE m.direction = 'out' AND m.channel_id = $2 AND m.accepted_at > $3 AND m.accepted_at <= "
      "$4",
      {channel.tenant, channel.id, end - kSilenceSpan, end, kConversationsLookedAt});
  const auto waiting = rows.front().number(0);
  return waiting > 0 && waiting == rows.front().number(1);
}

}  // namespace waypost::store
