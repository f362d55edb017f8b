#include "store/channels.h"

#include "conversation/throughput.h"
#include "sql/dialect.h"
#include "store/events.h"

namespace waypost::store {
namespace {

const std::string& select_channels() {
  static const std::string kText =
      "SELECT tenant_id, id, name, app, phone_number_id, waba_id, display_phone_number, access_token, state, "
      "state_words, templates_synced_at, standing, created_at, updated_at, state_code, look_at, probed_at FROM "
      "channel ";
  return kText;
}

Channel read_channel(const sql::Row& row) {
  return {.tenant = row.id<TenantId>(0),
          .id = row.id<ChannelId>(1),
          .name = row.text(2),
          .app = row.text(3),
          .phone_number_id = row.text(4),
          .waba_id = row.text(5),
          .display_phone_number = row.text(6),
          .sealed_access_token = row.text(7),
          .state = row.text(8),
          .state_words = row.maybe_text(9),
          .state_code = row.maybe_number(14),
          .look_at = row.maybe_time(15),
          .probed_at = row.maybe_time(16),
          .templates_synced_at = row.maybe_time(10),
          .standing = row.json(11),
          .created_at = row.time(12),
          .updated_at = row.time(13)};
}

std::vector<Channel> read_all(const sql::Rows& rows) {
  std::vector<Channel> channels;
  for (const auto row : rows) channels.push_back(read_channel(row));
  return channels;
}

// `said`: the standing with the news; nothing where it is none. Asked again of the locked row.
template <class Said>
void take_standing(sql::Connection& connection, const Channel& seen, Said said, Time now) {
  if (!said(seen.standing)) return;
  auto channel = lock_channel(connection, seen.tenant, seen.id);
  auto standing = channel ? said(channel->standing) : std::nullopt;
  if (!standing) return;
  channel->standing = *std::move(standing);
  update_standing(connection, *channel, now);
}

std::optional<Channel> read_one(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_channel(rows.front());
}

}  // namespace

Json to_json(const Channel& channel) {
  return {{"id", channel.id.text()},
          {"name", channel.name},
          {"type", "whatsapp"},
          {"app", channel.app},
          {"phoneNumberId", channel.phone_number_id},
          {"wabaId", channel.waba_id},
          {"displayPhoneNumber", channel.display_phone_number},
          {"state", channel.state},
          {"stateReason", channel.state_words ? Json(*channel.state_words) : Json()},
          {"stateCode", channel.state_code ? Json(*channel.state_code) : Json()},
          {"triesAgainAt", is_blocked(channel) && channel.look_at ? Json(iso8601(*channel.look_at)) : Json()},
          {"templatesSyncedAt", channel.templates_synced_at ? Json(iso8601(*channel.templates_synced_at)) : Json()},
          {"standing", channel.standing},
          {"createdAt", iso8601(channel.created_at)},
          {"updatedAt", iso8601(channel.updated_at)}};
}

Result<Channel> create_channel(sql::Connection& connection, Channel channel, Time now) {
  channel.id = ChannelId::make(now);
  channel.created_at = channel.updated_at = now;
  const auto rows = connection.run(
      "INSERT INTO channel (tenant_id, id, name, app, phone_number_id, waba_id, display_phone_number, access_token, "
      "state, standing, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) "
      "ON CONFLICT (phone_number_id) DO NOTHING RETURNING id",
      {channel.tenant, channel.id, channel.name, channel.app, channel.phone_number_id, channel.waba_id,
       channel.display_phone_number, channel.sealed_access_token, channel.state, sql::JsonText{dump(channel.standing)},
       now});
  if (rows.empty()) return fail(ErrorKind::Conflict, "this phone number id has a channel already");
  return channel;
}

std::optional<Channel> find_channel(sql::Connection& connection, TenantId tenant, ChannelId id) {
  static const std::string kText = select_channels() + "WHERE tenant_id = $1 AND id = $2";
  return read_one(connection.run(kText, {tenant, id}));
}

std::optional<Channel> lock_channel(sql::Connection& connection, TenantId tenant, ChannelId id) {
  const std::string text =
      select_channels() + "WHERE tenant_id = $1 AND id = $2" + std::string(sql::for_update(connection.engine()));
  return read_one(connection.run(text, {tenant, id}));
}

std::optional<Channel> channel_of_number(sql::Connection& connection, std::string_view phone_number_id) {
  static const std::string kText = select_channels() + "WHERE phone_number_id = $1";
  return read_one(connection.run(kText, {phone_number_id}));
}

std::vector<Channel> list_channels(sql::Connection& connection, TenantId tenant) {
  static const std::string kText = select_channels() + "WHERE tenant_id = $1 ORDER BY created_at, id";
  return read_all(connection.run(kText, {tenant}));
}

std::vector<Channel> all_channels(sql::Connection& connection) {
  static const std::string kText = select_channels() + "ORDER BY tenant_id, id";
  return read_all(connection.run(kText));
}

std::vector<TenantId> tenants_of_waba(sql::Connection& connection, std::string_view waba_id) {
  std::vector<TenantId> tenants;
  const auto rows =
      connection.run("SELECT DISTINCT tenant_id FROM channel WHERE waba_id = $1 ORDER BY tenant_id", {waba_id});
  for (const auto row : rows) tenants.push_back(row.id<TenantId>(0));
  return tenants;
}

std::vector<Channel> lock_channels_of_waba(sql::Connection& connection, TenantId tenant, std::string_view waba_id) {
  const std::string text = select_channels() + "WHERE tenant_id = $1 AND waba_id = $2 ORDER BY id" +
                           std::string(sql::for_update(connection.engine()));
  return read_all(connection.run(text, {tenant, waba_id}));
}

void update_standing(sql::Connection& connection, const Channel& channel, Time now) {
  connection.run("UPDATE channel SET standing = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
                 {channel.tenant, channel.id, sql::JsonText{dump(channel.standing)}, now});
  Channel told = channel;
  told.updated_at = now;
  append_event(connection, channel.tenant, {.type = "channel.updated", .payload = dump({{"channel", to_json(told)}})},
               now);
}

void note_number_fields(sql::Connection& connection, const Channel& seen, const NumberFields& said, Time now) {
  const auto with = [&said](const Json& standing) { return with_number_fields(standing, said.fields, said.at); };
  take_standing(connection, seen, with, now);
}

void note_app_in_use(sql::Connection& connection, const Channel& seen, Time at, Time now) {
  take_standing(connection, seen, [at](const Json& standing) { return with_app_in_use(standing, at); }, now);
}

bool update_channel(sql::Connection& connection, const Channel& channel, Time now) {
  return connection
             .run(
                 "UPDATE channel SET name = $3, waba_id = $4, display_phone_number = $5, access_token = $6, state = "
                 "$7, state_words = $8, templates_synced_at = $9, updated_at = $10, state_code = $11, look_at = $12, "
                 "probed_at = $13 WHERE tenant_id = $1 AND id = $2",
                 {channel.tenant, channel.id, channel.name, channel.waba_id, channel.display_phone_number,
                  channel.sealed_access_token, channel.state, channel.state_words, channel.templates_synced_at, now,
                  channel.state_code, channel.look_at, channel.probed_at})
             .changed() > 0;
}

}  // namespace waypost::store
