#include "api/door.h"
#include "api/input.h"
#include "api/paging.h"
#include "api/routes.h"
#include "store/counters.h"
#include "store/runs.h"
#include "workflow/replay.h"

namespace waypost::api {
namespace {

Json page_json(sql::Connection& connection, TenantId tenant, const store::Page& page) {
  Json items = Json::array();
  for (const auto& run : store::list_runs(connection, tenant, page)) items.push_back(store::to_json(run));
  return {{"items", std::move(items)}, {"total", store::total(connection, tenant, "runs")}};
}

Result<Json> shown(sql::Connection& connection, TenantId tenant, RunId id) {
  const auto run = store::find_run(connection, tenant, id);
  if (!run) return not_found();
  return store::to_json(*run);
}

Result<Json> steps_json(sql::Connection& connection, TenantId tenant, RunId id) {
  if (!store::find_run(connection, tenant, id)) return not_found();
  Json steps = Json::array();
  for (const auto& step : store::list_steps(connection, tenant, id)) steps.push_back(store::to_json(step));
  return Json{{"steps", std::move(steps)}};
}

awaitable<Result<Response>> list(Shared& shared, Call call) {
  const auto page = read_page(call.request);
  if (!page) co_return fail(page.error());
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant, page = *page](auto& connection) {
    return page_json(connection, tenant, page);
  }));
}

awaitable<Result<Response>> get(Shared& shared, Call call) {
  const auto id = path_id<RunId>(call.request);
  if (!id) co_return fail(id.error());
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant, id = *id](auto& connection) {
    return shown(connection, tenant, id);
  }));
}

awaitable<Result<Response>> steps(Shared& shared, Call call) {
  const auto id = path_id<RunId>(call.request);
  if (!id) co_return fail(id.error());
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant, id = *id](auto& connection) {
    return steps_json(connection, tenant, id);
  }));
}

awaitable<Result<Response>> replay(Shared& shared, Call call) {
  const auto id = path_id<RunId>(call.request);
  if (!id) co_return fail(id.error());
  if (auto input = Input::of(call.request); !input) co_return fail(input.error());
  const auto tenant = call.caller.tenant;
  const auto queued =
      co_await shared.database.write(sql::lane_key(tenant), [tenant, id = *id, now = call.now](auto& connection) {
        return workflow::replay_run(connection, tenant, id, now);
      });
  if (!queued) co_return fail(queued.error());
  shared.parts.signals->offer({queued->signal});
  co_return ok(workflow::to_json(*queued));
}

}  // namespace

void add_run_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/runs", list},
                  {"GET", "/api/runs/{id}", get},
                  {"GET", "/api/runs/{id}/steps", steps},
                  {"POST", "/api/runs/{id}/replay", replay, store::Role::Admin},
              });
}

}  // namespace waypost::api
