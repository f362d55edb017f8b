#include "api/broadcast_input.h"
#include "api/door.h"
#include "api/paging.h"
#include "api/routes.h"
#include "store/broadcast_feed.h"
#include "store/broadcast_recipients.h"
#include "store/channels.h"

namespace waypost::api {
namespace {

awaitable<Result<Response>> list(Shared& shared, Call call) {
  const auto page = read_page(call.request);
  if (!page) co_return fail(page.error());
  const std::string kind(call.request.query_value("kind").value_or(store::kBulk));
  if (kind != store::kBulk && kind != "fallback") co_return invalid("kind", "Expected 'bulk' | 'fallback'");
  co_return respond(
      200, co_await shared.database.read([tenant = call.caller.tenant, kind, page = *page](auto& connection) {
        Json items = Json::array();
        for (const auto& row : store::list_broadcasts(connection, tenant, kind, page))
          items.push_back(store::to_json(row));
        return Json{{"items", std::move(items)}, {"total", store::count_broadcasts(connection, tenant, kind)}};
      }));
}

// The workspace's only channel, where the request names none.
Result<ChannelId> channel_for(sql::Connection& connection, TenantId tenant, const BroadcastEdit& edit) {
  if (edit.channel) return *edit.channel;
  const auto channels = store::list_channels(connection, tenant);
  if (channels.size() == 1) return channels.front().id;
  return invalid("channelId", channels.empty() ? "The workspace has no channel" : "Required: there are several");
}

Result<Json> make(sql::Connection& connection, const Caller& caller, const BroadcastEdit& edit, Time now) {
  const auto channel = channel_for(connection, caller.tenant, edit);
  if (!channel) return fail(channel.error());
  auto fresh = edited({.tenant = caller.tenant,
                       .kind = std::string(store::kBulk),
                       .channel = *channel,
                       .status = BroadcastStatus::Draft,
                       .created_by = caller.user},
                      edit);
  fresh.channel = *channel;
  if (const auto fits = fits_store(connection, fresh); !fits) return fail(fits.error());
  return store::to_json(store::create_broadcast(connection, std::move(fresh), now));
}

awaitable<Result<Response>> create(Shared& shared, Call call) {
  auto edit = read_broadcast_edit(call.request, BroadcastFields::Required);
  if (!edit) co_return fail(edit.error());
  co_return respond(
      201, co_await shared.database.write(sql::lane_key(call.caller.tenant),
                                          [caller = call.caller, edit = *std::move(edit), now = call.now](
                                              auto& connection) { return make(connection, caller, edit, now); }));
}

Result<Json> shown(sql::Connection& connection, TenantId tenant, BroadcastId id) {
  const auto row = store::find_broadcast(connection, tenant, id);
  if (!row) return not_found();
  return store::to_json(*row);
}

awaitable<Result<Response>> get(Shared& shared, Call call) {
  const auto id = path_id<BroadcastId>(call.request);
  if (!id) co_return fail(id.error());
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant, id = *id](auto& connection) {
    return shown(connection, tenant, id);
  }));
}

Result<Json> change(sql::Connection& connection, const WhichBroadcast& which, const BroadcastEdit& edit) {
  auto before = broadcast_for(connection, which, BroadcastWish::Edit);
  if (!before) return fail(before.error());
  auto broadcast = edited(*std::move(before), edit);
  if (const auto fits = fits_store(connection, broadcast); !fits) return fail(fits.error());
  store::update_broadcast(connection, broadcast, which.now);
  broadcast.updated_at = which.now;
  return store::to_json(broadcast);
}

awaitable<Result<Response>> patch(Shared& shared, Call call) {
  const auto id = path_id<BroadcastId>(call.request);
  if (!id) co_return fail(id.error());
  auto edit = read_broadcast_edit(call.request, BroadcastFields::Optional);
  if (!edit) co_return fail(edit.error());
  co_return respond(200, co_await shared.database.write(
                             sql::lane_key(call.caller.tenant),
                             [which = WhichBroadcast{call.caller.tenant, *id, call.now},
                              edit = *std::move(edit)](auto& connection) { return change(connection, which, edit); }));
}

// From here on nobody sends it; its last messages fail before its row goes.
Result<store::Broadcast> begin_removal(sql::Connection& connection, const WhichBroadcast& which) {
  auto row = broadcast_for(connection, which, BroadcastWish::Delete);
  if (!row) return fail(row.error());
  if (!store::conversations_ahead(connection, *row).empty())
    return fail(ErrorKind::Conflict, "its last messages are not settled yet: delete it in a minute");
  if (row->status != BroadcastStatus::Cancelled)
    store::move_broadcast(connection, *row, BroadcastStatus::Cancelled, which.now);
  return *std::move(row);
}

// Its recipients go in small units before it.
awaitable<Result<Response>> remove(Shared& shared, Call call) {
  const auto id = path_id<BroadcastId>(call.request);
  if (!id) co_return fail(id.error());
  const auto lane = sql::lane_key(call.caller.tenant);
  const auto broadcast =
      co_await shared.database.write(lane, [which = WhichBroadcast{call.caller.tenant, *id, call.now}](
                                               auto& connection) { return begin_removal(connection, which); });
  if (!broadcast) co_return fail(broadcast.error());
  for (std::int64_t dropped = 1; dropped > 0;) {
    const auto done = co_await shared.database.write(
        lane, [row = *broadcast](auto& connection) { return store::drop_recipients(connection, row); },
        sql::Urgency::Bulk);
    if (!done) co_return fail(done.error());
    dropped = *done;
  }
  const auto gone = co_await shared.database.write(
      lane, [row = *broadcast](auto& connection) { store::delete_broadcast_row(connection, row); });
  if (!gone) co_return fail(gone.error());
  co_return ok({{"ok", true}});
}

Result<Json> copy(sql::Connection& connection, const Caller& caller, BroadcastId id, Time now) {
  const auto original = store::find_broadcast(connection, caller.tenant, id);
  if (!original || original->kind != store::kBulk) return not_found();
  return store::to_json(store::create_broadcast(connection,
                                                {.tenant = caller.tenant,
                                                 .kind = original->kind,
                                                 .name = original->name + " (copy)",
                                                 .channel = original->channel,
                                                 .template_name = original->template_name,
                                                 .template_language = original->template_language,
                                                 .parameters = original->parameters,
                                                 .audience = original->audience,
                                                 .status = BroadcastStatus::Draft,
                                                 .created_by = caller.user},
                                                now));
}

awaitable<Result<Response>> clone(Shared& shared, Call call) {
  const auto id = path_id<BroadcastId>(call.request);
  if (!id) co_return fail(id.error());
  co_return respond(201,
                    co_await shared.database.write(sql::lane_key(call.caller.tenant),
                                                   [caller = call.caller, id = *id, now = call.now](auto& connection) {
                                                     return copy(connection, caller, id, now);
                                                   }));
}

}  // namespace

void add_broadcast_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/broadcasts", list},
                  {"POST", "/api/broadcasts", create, store::Role::Admin},
                  {"GET", "/api/broadcasts/{id}", get},
                  {"PATCH", "/api/broadcasts/{id}", patch, store::Role::Admin},
                  {"DELETE", "/api/broadcasts/{id}", remove, store::Role::Admin},
                  {"POST", "/api/broadcasts/{id}/clone", clone, store::Role::Admin},
              });
}

}  // namespace waypost::api
