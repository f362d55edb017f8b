#include "api/door.h"
#include "api/routes.h"

namespace waypost::api {
namespace {

struct Known {
  store::Channel channel{};
  std::optional<store::ChannelHealth> health{};
};

Result<Known> read_known(sql::Connection& connection, TenantId tenant, ChannelId id) {
  auto channel = store::find_channel(connection, tenant, id);
  if (!channel) return not_found();
  return Known{.channel = *std::move(channel), .health = store::find_health(connection, tenant, id)};
}

Json never_looked(ChannelId id) {
  return {{"channelId", id.text()},
          {"status", "unknown"},
          {"checks", Json::array()},
          {"checkedAt", Json()},
          {"changedAt", Json()}};
}

// ?now=true looks at once.
awaitable<Result<Response>> health(Shared& shared, Call call) {
  const auto id = path_id<ChannelId>(call.request);
  if (!id) co_return fail(id.error());
  auto known = co_await shared.database.read(
      [tenant = call.caller.tenant, id = *id](auto& connection) { return read_known(connection, tenant, id); });
  if (!known) co_return fail(known.error());
  if (call.request.query_value("now") != "true")
    co_return ok(known->health ? store::to_json(*known->health) : never_looked(*id));
  if (!shared.parts.look_at_channel) co_return fail(ErrorKind::Unavailable, "this node does not ask Meta");
  const auto seen = co_await shared.parts.look_at_channel(known->channel);
  if (!seen) co_return fail(seen.error());
  co_return ok(store::to_json(*seen));
}

}  // namespace

void add_channel_health_routes(Router& router, Shared& shared) {
  add_entries(router, shared, std::initializer_list<Entry>{{"GET", "/api/channels/{id}/health", health}});
}

}  // namespace waypost::api
