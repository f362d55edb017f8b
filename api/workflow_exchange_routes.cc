// What a builder of graphs starts from: the types of nodes, and workflows as files.

#include "api/door.h"
#include "api/input.h"
#include "api/routes.h"
#include "workflow/exchange.h"
#include "workflow/node_family.h"

namespace waypost::api {
namespace {

Json shown(const workflow::NodeFamily& family) {
  return {{"type", family.type},        {"label", family.label},
          {"description", family.says}, {"kind", workflow::name_of(family.kind)},
          {"waits", family.waits},      {"handles", family.handles(Json::object())},
          {"schema", family.schema()}};
}

// `handles` are those of a node that is not configured yet: buttons, categories and cases are handles of their own.
awaitable<Result<Response>> node_types(Shared&, Call) {
  Json items = Json::array();
  for (const auto* family : workflow::all_families()) items.push_back(shown(*family));
  co_return ok({{"items", std::move(items)}});
}

Result<Json> export_of(sql::Connection& connection, TenantId tenant, WorkflowId id) {
  const auto workflow = store::find_workflow(connection, tenant, id);
  if (!workflow) return not_found();
  return workflow::exported(*workflow);
}

Result<Json> made_of(sql::Connection& connection, TenantId tenant, const Json& file, Time now) {
  const auto made = workflow::import_workflow(connection, tenant, file, now);
  if (!made) return fail(made.error());
  return store::to_json(*made);
}

awaitable<Result<Response>> give(Shared& shared, Call call) {
  const auto id = path_id<WorkflowId>(call.request);
  if (!id) co_return fail(id.error());
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant, id = *id](auto& connection) {
    return export_of(connection, tenant, id);
  }));
}

awaitable<Result<Response>> take(Shared& shared, Call call) {
  const auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  const auto tenant = call.caller.tenant;
  co_return respond(201, co_await shared.database.write(
                             sql::lane_key(tenant), [tenant, file = input->body(), now = call.now](auto& connection) {
                               return made_of(connection, tenant, file, now);
                             }));
}

}  // namespace

void add_workflow_exchange_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/node-types", node_types},
                  {"GET", "/api/workflows/{id}/export", give},
                  {"POST", "/api/workflows/import", take},
              });
}

}  // namespace waypost::api
