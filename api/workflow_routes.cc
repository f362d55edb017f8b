#include "api/door.h"
#include "api/input.h"
#include "api/routes.h"
#include "workflow/catalogue.h"

namespace waypost::api {
namespace {

using workflow::WorkflowEdit;

Result<Json> as_json(Result<store::Workflow> row) {
  if (!row) return fail(std::move(row).error());
  return store::to_json(*row);
}

Result<Json> shown(sql::Connection& connection, TenantId tenant, WorkflowId id) {
  const auto row = store::find_workflow(connection, tenant, id);
  if (!row) return not_found();
  return store::to_json(*row);
}

awaitable<Result<Response>> list(Shared& shared, Call call) {
  auto rows = co_await shared.database.read(
      [tenant = call.caller.tenant](auto& connection) { return store::list_workflows(connection, tenant); });
  if (!rows) co_return fail(rows.error());
  Json items = Json::array();
  for (const auto& row : *rows) items.push_back(store::to_json(row));
  co_return ok({{"items", std::move(items)}});
}

awaitable<Result<Response>> create(Shared& shared, Call call) {
  auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  const std::string name = input->text("name", {.most = 200});
  if (auto fine = input->end(); !fine) co_return fail(fine.error());
  const auto tenant = call.caller.tenant;
  co_return respond(
      201, co_await shared.database.write(sql::lane_key(tenant), [tenant, name, now = call.now](auto& connection) {
        return as_json(workflow::create_workflow(connection, tenant, name, now));
      }));
}

awaitable<Result<Response>> get(Shared& shared, Call call) {
  const auto id = path_id<WorkflowId>(call.request);
  if (!id) co_return fail(id.error());
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant, id = *id](auto& connection) {
    return shown(connection, tenant, id);
  }));
}

awaitable<Result<Response>> patch(Shared& shared, Call call) {
  const auto id = path_id<WorkflowId>(call.request);
  if (!id) co_return fail(id.error());
  auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  const WorkflowEdit edit{.name = input->maybe_text("name", {.most = 200}),
                          .priority = input->maybe_integer("priority", -1'000'000, 1'000'000)};
  if (auto fine = input->end(); !fine) co_return fail(fine.error());
  const auto tenant = call.caller.tenant;
  co_return respond(200, co_await shared.database.write(
                             sql::lane_key(tenant), [tenant, id = *id, edit, now = call.now](auto& connection) {
                               return as_json(workflow::edit_workflow(connection, tenant, id, edit, now));
                             }));
}

awaitable<Result<Response>> put_draft(Shared& shared, Call call) {
  const auto id = path_id<WorkflowId>(call.request);
  if (!id) co_return fail(id.error());
  auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  const Json* graph = input->maybe_object("draftGraph");
  if (!input->has("draftGraph") || input->is_null("draftGraph")) input->complain("draftGraph", "Required");
  if (auto fine = input->end(); !fine) co_return fail(fine.error());
  const auto tenant = call.caller.tenant;
  const auto saved = co_await shared.database.write(
      sql::lane_key(tenant), [tenant, id = *id, graph = *graph, now = call.now](auto& connection) {
        return workflow::save_draft(connection, tenant, id, graph, now);
      });
  if (!saved) co_return fail(saved.error());
  co_return ok({{"ok", true}, {"updatedAt", iso8601(saved->updated_at)}});
}

awaitable<Result<Response>> publish(Shared& shared, Call call) {
  const auto id = path_id<WorkflowId>(call.request);
  if (!id) co_return fail(id.error());
  if (auto input = Input::of(call.request); !input) co_return fail(input.error());
  const workflow::Publication publication{.tenant = call.caller.tenant, .workflow = *id, .by = call.caller.user};
  auto published = co_await shared.database.write(
      sql::lane_key(call.caller.tenant), [publication, now = call.now](auto& connection) {
        return as_json(workflow::publish_workflow(connection, publication, now));
      });
  if (published) (*published)["ok"] = true;
  co_return respond(200, std::move(published));
}

awaitable<Result<Response>> remove(Shared& shared, Call call) {
  const auto id = path_id<WorkflowId>(call.request);
  if (!id) co_return fail(id.error());
  const auto tenant = call.caller.tenant;
  const auto gone =
      co_await shared.database.write(sql::lane_key(tenant), [tenant, id = *id, now = call.now](auto& connection) {
        return workflow::delete_workflow(connection, tenant, id, now);
      });
  if (!gone) co_return fail(gone.error());
  co_return ok({{"ok", true}});
}

}  // namespace

void add_workflow_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/workflows", list},
                  {"POST", "/api/workflows", create},
                  {"GET", "/api/workflows/{id}", get},
                  {"PATCH", "/api/workflows/{id}", patch, store::Role::Admin},
                  {"PUT", "/api/workflows/{id}/draft", put_draft},
                  {"POST", "/api/workflows/{id}/publish", publish, store::Role::Admin},
                  {"DELETE", "/api/workflows/{id}", remove, store::Role::Admin},
              });
}

}  // namespace waypost::api
