#include "store/restored_sends.h"

#include <algorithm>

#include "sql/dialect.h"
#include "store/sending.h"

namespace waypost::store {
namespace {

// The states of the index message_due, word for word, so that it is used.
constexpr std::string_view kSome =
    "SELECT tenant_id, id, conversation_id, stream, channel_id FROM message WHERE (state = 'queued' OR state = "
    "'sending' OR state = 'unknown' OR state = 'held') "
    "AND due_at = $1 AND (CAST($2 AS boolean) OR tenant_id = $3) ORDER BY tenant_id, conversation_id, seq LIMIT $4";

sql::Rows read_some(sql::Connection& connection, std::optional<TenantId> tenant, std::size_t most) {
  return connection.run(
      kSome, {kHeldAfterRestore, !tenant.has_value(), tenant.value_or(TenantId{}), static_cast<std::int64_t>(most)});
}

DueConversation conversation_of(const sql::Row& row) {
  return {.tenant = row.id<TenantId>(0),
          .conversation = row.id<ConversationId>(2),
          .stream = row.text(3),
          .channel = row.id<ChannelId>(4)};
}

bool drop(sql::Connection& connection, const sql::Row& row, Time now) {
  const auto message = find_message(connection, row.id<TenantId>(0), row.id<MessageId>(1));
  if (!message) return false;
  return record_failed(connection, *message,
                       {.reason = std::string(kDroppedAfterRestore),
                        .code = std::nullopt,
                        .words = "the store was restored, and an operator dropped what waited in it"},
                       now);
}

// Recipients who wait in the restored store may have got theirs since.
void pause_broadcasts(sql::Connection& connection) {
  connection.run(
      "UPDATE broadcast SET status = 'paused', status_reason = 'after_restore', status_words = 'the store was "
      "restored: "
      "who waits here may have got it since' WHERE status IN ('scheduled', 'preparing', 'sending')");
}

}  // namespace

std::int64_t hold_sends(sql::Connection& connection) {
  sql::lock_schema(connection);  // one statement over every waiting row may take long
  pause_broadcasts(connection);
  return connection
      .run(
          "UPDATE message SET due_at = $1 WHERE (state = 'queued' OR state = 'sending' OR state = 'unknown' OR state = "
          "'held') AND state IN "
          "('queued', 'held') AND (due_at IS NULL OR due_at <> $1)",
          {kHeldAfterRestore})
      .changed();
}

std::vector<HeldSends> held_sends(sql::Connection& connection) {
  const auto rows = connection.run(
      "SELECT held.tenant_id, held.channel_id, COALESCE(tenant.name, ''), COALESCE(channel.display_phone_number, ''), "
      "held.n, held.oldest, (SELECT count(*) FROM message AS newer WHERE newer.tenant_id = held.tenant_id AND "
      "newer.channel_id = held.channel_id AND (newer.state = 'queued' OR newer.state = 'sending' OR newer.state = "
      "'unknown' OR newer.state = 'held') AND newer.state "
      "= "
      "'queued' AND newer.due_at <> $1 AND EXISTS (SELECT 1 FROM message AS older WHERE older.tenant_id = "
      "newer.tenant_id AND older.conversation_id = newer.conversation_id AND older.stream = newer.stream AND older.seq "
      "< newer.seq AND (older.state = 'queued' OR older.state = 'sending' OR older.state = 'unknown' OR older.state = "
      "'held') AND older.state = 'queued' AND "
      "older.due_at = $1)) "
      "FROM (SELECT tenant_id, channel_id, count(*) AS n, min(happened_at) AS oldest FROM message WHERE (state = "
      "'queued' OR state = 'sending' OR state = 'unknown' OR state = 'held') AND due_at = $1 GROUP BY tenant_id, "
      "channel_id) AS held "
      "LEFT JOIN tenant ON tenant.id = held.tenant_id "
      "LEFT JOIN channel ON channel.tenant_id = held.tenant_id AND channel.id = held.channel_id "
      "ORDER BY held.tenant_id, held.channel_id",
      {kHeldAfterRestore});
  std::vector<HeldSends> found;
  for (const auto row : rows) {
    found.push_back({.tenant = row.id<TenantId>(0),
                     .channel = row.id<ChannelId>(1),
                     .workspace = row.text(2),
                     .number = row.text(3),
                     .held = row.number(4),
                     .behind = row.number(6),
                     .oldest = row.time(5)});
  }
  return found;
}

Json to_json(const HeldSends& row) {
  return {{"workspaceId", row.tenant.text()},
          {"workspace", row.workspace},
          {"channelId", row.channel.text()},
          {"number", row.number},
          {"held", row.held},
          {"waitingBehind", row.behind},
          {"oldest", iso8601(row.oldest)}};
}

std::vector<DueConversation> release_some(sql::Connection& connection, std::optional<TenantId> tenant, std::size_t most,
                                          Time now) {
  std::vector<DueConversation> released;
  for (const auto row : read_some(connection, tenant, most)) {
    connection.run(
        "UPDATE message SET due_at = CASE WHEN state = 'held' THEN expires_at ELSE $3 END, updated_at = $3 "
        "WHERE tenant_id = $1 AND id = $2 AND due_at = $4",
        {row.id<TenantId>(0), row.id<MessageId>(1), now, kHeldAfterRestore});
    released.push_back(conversation_of(row));
  }
  return released;
}

std::vector<DueConversation> drop_some(sql::Connection& connection, std::optional<TenantId> tenant, std::size_t most,
                                       Time now) {
  std::vector<DueConversation> dropped;
  for (const auto row : read_some(connection, tenant, most)) {
    if (drop(connection, row, now)) dropped.push_back(conversation_of(row));
  }
  return dropped;
}

}  // namespace waypost::store
