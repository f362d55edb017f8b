#include <set>

#include "api/door.h"
#include "api/routes.h"
#include "store/templates.h"

namespace waypost::api {
namespace {

awaitable<Result<Response>> list(Shared& shared, Call call) {
  auto rows = co_await shared.database.read(
      [tenant = call.caller.tenant](auto& connection) { return store::list_templates(connection, tenant); });
  if (!rows) co_return fail(rows.error());
  Json items = Json::array();
  for (const auto& row : *rows) items.push_back(store::to_json(row));
  co_return ok({{"items", std::move(items)}});
}

Result<Json> shown(sql::Connection& connection, TenantId tenant, TemplateId id) {
  const auto row = store::find_template(connection, tenant, id);
  if (!row) return not_found();
  return store::to_json(*row);
}

awaitable<Result<Response>> get(Shared& shared, Call call) {
  const auto id = path_id<TemplateId>(call.request);
  if (!id) co_return fail(id.error());
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant, id = *id](auto& connection) {
    return shown(connection, tenant, id);
  }));
}

// One channel of each business account: the list is the account's.
std::vector<store::Channel> one_an_account(std::vector<store::Channel> channels) {
  std::set<std::string> seen;
  std::erase_if(channels, [&seen](const store::Channel& channel) { return !seen.insert(channel.waba_id).second; });
  return channels;
}

awaitable<Result<Response>> sync(Shared& shared, Call call) {
  if (!shared.parts.sync_templates) co_return fail(ErrorKind::Unavailable, "templates are not synced by this node");
  auto channels = co_await shared.database.read(
      [tenant = call.caller.tenant](auto& connection) { return store::list_channels(connection, tenant); });
  if (!channels) co_return fail(channels.error());
  if (channels->empty())
    co_return fail(Error(ErrorKind::Rejected, "the workspace has no channel").with_code("no_channel"));
  SyncedTemplates sum;
  for (auto& channel : one_an_account(*std::move(channels))) {
    const auto synced = co_await shared.parts.sync_templates(std::move(channel));
    if (!synced) co_return fail(synced.error());
    sum.listed += synced->listed;
    sum.changed += synced->changed;
    sum.deleted += synced->deleted;
  }
  co_return ok({{"ok", true}, {"listed", sum.listed}, {"changed", sum.changed}, {"deleted", sum.deleted}});
}

}  // namespace

void add_template_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/templates", list},
                  {"GET", "/api/templates/{id}", get},
                  {"POST", "/api/templates/sync", sync, store::Role::Admin},
              });
}

}  // namespace waypost::api
