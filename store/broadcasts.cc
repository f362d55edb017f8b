#include "store/broadcasts.h"

#include <utility>

#include "base/check.h"
#include "base/or_null.h"
#include "store/events.h"

namespace waypost::store {
namespace {

const std::string& select_broadcasts() {
  static const std::string kText =
      "SELECT tenant_id, id, kind, name, channel_id, template_name, template_language, parameters, audience, status, "
      "status_reason, status_words, scheduled_at, frozen_at, frozen_behind, prepared_at, ended_at, created_by, "
      "created_at, updated_at FROM broadcast ";
  return kText;
}

std::optional<BroadcastStop> read_stop(const sql::Row& row) {
  if (row.is_null(10)) return std::nullopt;
  return BroadcastStop{.reason = row.text(10), .words = row.maybe_text(11).value_or("")};
}

Broadcast read_broadcast(const sql::Row& row) {
  const auto status = broadcast_status(row.text(9));
  WAYPOST_CHECK(status.has_value());
  return {.tenant = row.id<TenantId>(0),
          .id = row.id<BroadcastId>(1),
          .kind = row.text(2),
          .name = row.text(3),
          .channel = row.id<ChannelId>(4),
          .template_name = row.text(5),
          .template_language = row.text(6),
          .parameters = row.json(7),
          .audience = row.json(8),
          .status = *status,
          .stop = read_stop(row),
          .scheduled_at = row.maybe_time(12),
          .frozen_at = row.maybe_time(13),
          .frozen_behind = row.maybe_id<ContactId>(14),
          .prepared_at = row.maybe_time(15),
          .ended_at = row.maybe_time(16),
          .created_by = row.maybe_id<UserId>(17),
          .created_at = row.time(18),
          .updated_at = row.time(19)};
}

std::vector<Broadcast> read_all(const sql::Rows& rows) {
  std::vector<Broadcast> broadcasts;
  for (const auto row : rows) broadcasts.push_back(read_broadcast(row));
  return broadcasts;
}

}  // namespace

Json to_json(const Broadcast& broadcast) {
  const bool by_components = broadcast.parameters.is_object();
  return {{"id", broadcast.id.text()},
          {"kind", broadcast.kind},
          {"name", broadcast.name},
          {"channelId", broadcast.channel.text()},
          {"template", {{"name", broadcast.template_name}, {"language", broadcast.template_language}}},
          {"parameters", by_components ? Json() : broadcast.parameters},
          {"components", by_components ? broadcast.parameters.value("components", Json()) : Json()},
          {"audience", broadcast.audience},
          {"status", name_of(broadcast.status)},
          {"statusReason", broadcast.stop ? Json(broadcast.stop->reason) : Json()},
          {"statusMessage", broadcast.stop ? Json(broadcast.stop->words) : Json()},
          {"scheduledAt", or_null(broadcast.scheduled_at)},
          {"startedAt", or_null(broadcast.frozen_at)},
          {"preparedAt", or_null(broadcast.prepared_at)},
          {"endedAt", or_null(broadcast.ended_at)},
          {"createdByUserId", broadcast.created_by ? Json(broadcast.created_by->text()) : Json()},
          {"createdAt", iso8601(broadcast.created_at)},
          {"updatedAt", iso8601(broadcast.updated_at)}};
}

Broadcast create_broadcast(sql::Connection& connection, Broadcast broadcast, Time now) {
  broadcast.id = BroadcastId::make(now);
  broadcast.created_at = broadcast.updated_at = now;
  connection.run(
      "INSERT INTO broadcast (tenant_id, id, kind, name, channel_id, template_name, template_language, parameters, "
      "audience, status, created_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
      "$12, $12)",
      {broadcast.tenant, broadcast.id, broadcast.kind, broadcast.name, broadcast.channel, broadcast.template_name,
       broadcast.template_language, sql::JsonText{dump(broadcast.parameters)}, sql::JsonText{dump(broadcast.audience)},
       name_of(broadcast.status), broadcast.created_by, now});
  return broadcast;
}

std::optional<Broadcast> find_broadcast(sql::Connection& connection, TenantId tenant, BroadcastId id, Lock lock) {
  static const LockableText kText(select_broadcasts() + "WHERE tenant_id = $1 AND id = $2");
  const auto rows = connection.run(kText.of(connection.engine(), lock), {tenant, id});
  if (rows.empty()) return std::nullopt;
  return read_broadcast(rows.front());
}

std::vector<Broadcast> list_broadcasts(sql::Connection& connection, TenantId tenant, std::string_view kind,
                                       const Page& page) {
  static const std::string kText =
      select_broadcasts() + "WHERE tenant_id = $1 AND kind = $2 ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4";
  return read_all(connection.run(kText, {tenant, kind, page.limit, page.offset}));
}

std::int64_t count_broadcasts(sql::Connection& connection, TenantId tenant, std::string_view kind) {
  return connection.run("SELECT count(*) FROM broadcast WHERE tenant_id = $1 AND kind = $2", {tenant, kind})
      .front()
      .number(0);
}

void update_broadcast(sql::Connection& connection, const Broadcast& broadcast, Time now) {
  connection.run(
      "UPDATE broadcast SET name = $3, channel_id = $4, template_name = $5, template_language = $6, parameters = $7, "
      "audience = $8, scheduled_at = $9, frozen_at = $10, frozen_behind = $11, prepared_at = $12, updated_at = $13 "
      "WHERE tenant_id = $1 AND id = $2",
      {broadcast.tenant, broadcast.id, broadcast.name, broadcast.channel, broadcast.template_name,
       broadcast.template_language, sql::JsonText{dump(broadcast.parameters)}, sql::JsonText{dump(broadcast.audience)},
       broadcast.scheduled_at, broadcast.frozen_at, broadcast.frozen_behind, broadcast.prepared_at, now});
}

void move_broadcast(sql::Connection& connection, Broadcast broadcast, BroadcastStatus to, Time now) {
  const bool ends = to == BroadcastStatus::Completed || to == BroadcastStatus::Cancelled;
  broadcast.status = to;
  if (to != BroadcastStatus::Paused) broadcast.stop.reset();
  if (to == BroadcastStatus::Preparing && !broadcast.frozen_at) broadcast.frozen_at = now;
  broadcast.ended_at = ends ? std::optional(now) : std::nullopt;
  broadcast.updated_at = now;
  const auto reason = broadcast.stop ? std::optional(broadcast.stop->reason) : std::nullopt;
  const auto words = broadcast.stop ? std::optional(broadcast.stop->words) : std::nullopt;
  connection.run(
      "UPDATE broadcast SET status = $3, status_reason = $4, status_words = $5, frozen_at = $6, ended_at = $7, "
      "scheduled_at = $8, updated_at = $9 WHERE tenant_id = $1 AND id = $2",
      {broadcast.tenant, broadcast.id, name_of(to), reason, words, broadcast.frozen_at, broadcast.ended_at,
       broadcast.scheduled_at, now});
  const auto type = "broadcast." + std::string(name_of(to));
  const auto payload = dump({{"broadcast", to_json(broadcast)}});
  append_event(connection, broadcast.tenant, {.type = type, .conversation = std::nullopt, .payload = payload}, now);
}

void delete_broadcast_row(sql::Connection& connection, const Broadcast& broadcast) {
  connection.run("DELETE FROM broadcast WHERE tenant_id = $1 AND id = $2", {broadcast.tenant, broadcast.id});
}

std::vector<Broadcast> active_broadcasts(sql::Connection& connection, Time now, std::int64_t most) {
  static const std::string kText = select_broadcasts() +
                                   "WHERE status IN ('scheduled', 'preparing', 'sending') AND (status <> 'scheduled' "
                                   "OR scheduled_at <= $1) ORDER BY id LIMIT $2";
  return read_all(connection.run(kText, {now, most}));
}

void add_recipient(sql::Connection& connection, const Broadcast& broadcast, const Recipient& recipient, Time now) {
  connection.run(
      "INSERT INTO broadcast_recipient (tenant_id, broadcast_id, contact_id, state, message_id, created_at, "
      "updated_at) VALUES ($1, $2, $3, 'taken', $4, $5, $5)",
      {broadcast.tenant, broadcast.id, recipient.contact, recipient.message, now});
}

std::vector<Recipient> list_recipients(sql::Connection& connection, TenantId tenant, BroadcastId broadcast) {
  std::vector<Recipient> recipients;
  const auto rows = connection.run(
      "SELECT contact_id, message_id FROM broadcast_recipient WHERE tenant_id = $1 AND broadcast_id = $2 "
      "ORDER BY contact_id",
      {tenant, broadcast});
  for (const auto row : rows) {
    recipients.push_back(
        {.contact = row.id<ContactId>(0), .message = row.maybe_id<MessageId>(1).value_or(MessageId{})});
  }
  return recipients;
}

}  // namespace waypost::store
