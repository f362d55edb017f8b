#include "api/door.h"
#include "api/paging.h"
#include "api/routes.h"
#include "api/run_filter.h"
#include "store/contacts.h"
#include "store/run_counts.h"

namespace waypost::api {
namespace {

constexpr std::int64_t kMostCounted = 10'000;  // of a list with a filter, and of each state under way

struct ListRequest {
  TenantId tenant{};
  store::RunFilter filter{};
  store::Page page{};
};

Json page_json(sql::Connection& connection, ListRequest asked) {
  if (asked.filter.contact) {
    const auto contact = store::surviving_contact(connection, asked.tenant, *asked.filter.contact);
    if (contact) asked.filter.contact = contact->id;
  }
  Json items = Json::array();
  for (const auto& run : store::list_runs(connection, asked.tenant, asked.filter, asked.page))
    items.push_back(store::to_json(run));
  const auto total = store::total_of_runs(connection, asked.tenant, asked.filter, kMostCounted);
  Json json{{"items", std::move(items)}, {"total", total.runs}};
  if (asked.filter != store::RunFilter{}) json["totalIsAtLeast"] = total.is_at_least;
  return json;
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
  auto filter = read_run_filter(call.request);
  if (!filter) co_return fail(std::move(filter).error());
  ListRequest asked{.tenant = call.caller.tenant, .filter = *std::move(filter), .page = *page};
  co_return respond(200, co_await shared.database.read(
                             [asked = std::move(asked)](auto& connection) { return page_json(connection, asked); }));
}

awaitable<Result<Response>> counts(Shared& shared, Call call) {
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant](auto& connection) {
    return store::to_json(store::count_runs(connection, tenant, kMostCounted));
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

}  // namespace

void add_run_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/runs", list},
                  {"GET", "/api/runs/counts", counts},
                  {"GET", "/api/runs/{id}", get},
                  {"GET", "/api/runs/{id}/steps", steps},
              });
}

}  // namespace waypost::api
