#include "api/door.h"
#include "api/input.h"
#include "api/routes.h"
#include "api/workspace_settings.h"
#include "store/tenants.h"

namespace waypost::api {
namespace {

struct WorkspaceEdit {
  std::optional<std::string> name{};
  bool sets_fallback = false;
  std::optional<store::FallbackTemplate> fallback{};
  Json settings = Json::object();
};

// {"name", "language", "parameters": [text]}
store::FallbackTemplate read_fallback(const Json& json, Input& input) {
  Input inner(json);
  store::FallbackTemplate fallback{.name = inner.text("name", {.most = 512}),
                                   .language = inner.text("language", {.most = 15})};
  const Json* parameters = find_array(json, "parameters");
  for (std::size_t at = 0; parameters != nullptr && at < parameters->size(); ++at) {
    if (!(*parameters)[at].is_string())
      input.complain("fallbackTemplate.parameters." + std::to_string(at), "Expected string");
  }
  if (inner.has("parameters") && parameters == nullptr)
    input.complain("fallbackTemplate.parameters", "Expected array of strings");
  if (parameters != nullptr) fallback.parameters = *parameters;
  if (const auto fine = inner.end(); !fine) {
    for (const auto& field : fine.error().fields()) input.complain("fallbackTemplate." + field.path, field.message);
  }
  return fallback;
}

Result<WorkspaceEdit> read_edit(const Request& request) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  WorkspaceEdit edit{.name = input->maybe_text("name", {.most = 200})};
  edit.sets_fallback = input->has("fallbackTemplate");
  if (const Json* fallback = input->maybe_object("fallbackTemplate")) edit.fallback = read_fallback(*fallback, *input);
  edit.settings = read_settings(*input);
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return edit;
}

Result<Json> shown(sql::Connection& connection, TenantId tenant) {
  const auto row = store::find_tenant(connection, tenant);
  if (!row) return not_found();
  return store::to_json(*row);
}

Result<Json> apply(sql::Connection& connection, TenantId tenant, const WorkspaceEdit& edit, Time now) {
  if (edit.name) store::rename_tenant(connection, tenant, *edit.name, now);
  if (edit.sets_fallback) store::set_fallback(connection, tenant, edit.fallback, now);
  for (const auto& [name, value] : edit.settings.items()) store::set_setting(connection, tenant, name, value, now);
  return shown(connection, tenant);
}

awaitable<Result<Response>> get_workspace(Shared& shared, Call call) {
  co_return respond(200, co_await shared.database.read(
                             [tenant = call.caller.tenant](auto& connection) { return shown(connection, tenant); }));
}

awaitable<Result<Response>> patch_workspace(Shared& shared, Call call) {
  auto edit = read_edit(call.request);
  if (!edit) co_return fail(edit.error());
  const auto tenant = call.caller.tenant;
  co_return respond(200, co_await shared.database.write(sql::lane_key(tenant), [tenant, edit = *std::move(edit),
                                                                                now = call.now](auto& connection) {
    return apply(connection, tenant, edit, now);
  }));
}

}  // namespace

void add_workspace_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/workspace", get_workspace},
                  {"PATCH", "/api/workspace", patch_workspace, store::Role::Admin},
              });
}

}  // namespace waypost::api
