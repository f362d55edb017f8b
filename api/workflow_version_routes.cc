#include <charconv>

#include "api/door.h"
#include "api/paging.h"
#include "api/routes.h"
#include "store/workflow_versions.h"
#include "workflow/catalogue.h"

namespace waypost::api {
namespace {

using workflow::VersionName;

// What is no number is no version's.
Result<VersionName> read_name(const Call& call) {
  const auto id = path_id<WorkflowId>(call.request);
  if (!id) return fail(id.error());
  const auto text = call.request.param("version");
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size()) return not_found();
  return VersionName{.tenant = call.caller.tenant, .workflow = *id, .version = version};
}

Result<Json> page_json(sql::Connection& connection, TenantId tenant, WorkflowId id, const store::Page& page) {
  const auto workflow = store::find_workflow(connection, tenant, id);
  if (!workflow) return not_found();
  Json items = Json::array();
  for (const auto& version : store::list_versions(connection, *workflow, page)) items.push_back(to_json(version));
  return Json{{"items", std::move(items)}, {"total", workflow->last_version}};
}

Result<Json> shown(sql::Connection& connection, const VersionName& name) {
  const auto workflow = store::find_workflow(connection, name.tenant, name.workflow);
  if (!workflow) return not_found();
  const auto version = store::find_version(connection, *workflow, name.version);
  auto graph = store::graph_of_version(connection, name.tenant, name.workflow, name.version);
  if (!version || !graph) return not_found();
  Json json = store::to_json(*version);
  json["graph"] = *std::move(graph);
  return json;
}

Result<Json> as_json(Result<store::Workflow> row) {
  if (!row) return fail(std::move(row).error());
  return store::to_json(*row);
}

awaitable<Result<Response>> list(Shared& shared, Call call) {
  const auto id = path_id<WorkflowId>(call.request);
  if (!id) co_return fail(id.error());
  const auto page = read_page(call.request);
  if (!page) co_return fail(page.error());
  co_return respond(
      200, co_await shared.database.read([tenant = call.caller.tenant, id = *id, page = *page](auto& connection) {
        return page_json(connection, tenant, id, page);
      }));
}

awaitable<Result<Response>> get(Shared& shared, Call call) {
  const auto name = read_name(call);
  if (!name) co_return fail(name.error());
  co_return respond(
      200, co_await shared.database.read([name = *name](auto& connection) { return shown(connection, name); }));
}

awaitable<Result<Response>> restore(Shared& shared, Call call) {
  const auto name = read_name(call);
  if (!name) co_return fail(name.error());
  co_return respond(200, co_await shared.database.write(
                             sql::lane_key(call.caller.tenant), [name = *name, now = call.now](auto& connection) {
                               return as_json(workflow::restore_version(connection, name, now));
                             }));
}

awaitable<Result<Response>> unpublish(Shared& shared, Call call) {
  const auto id = path_id<WorkflowId>(call.request);
  if (!id) co_return fail(id.error());
  const auto tenant = call.caller.tenant;
  auto row =
      co_await shared.database.write(sql::lane_key(tenant), [tenant, id = *id, now = call.now](auto& connection) {
        return as_json(workflow::unpublish_workflow(connection, tenant, id, now));
      });
  if (row) (*row)["ok"] = true;
  co_return respond(200, std::move(row));
}

}  // namespace

void add_workflow_version_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/workflows/{id}/versions", list},
                  {"GET", "/api/workflows/{id}/versions/{version}", get},
                  {"POST", "/api/workflows/{id}/versions/{version}/restore", restore},
                  {"POST", "/api/workflows/{id}/unpublish", unpublish, store::Role::Admin},
              });
}

}  // namespace waypost::api
