#include "api/ai_setting.h"
#include "api/door.h"
#include "api/input.h"
#include "api/routes.h"
#include "api/workspace_settings.h"
#include "store/ai_settings.h"
#include "store/tenant_secrets.h"
#include "store/tenants.h"

namespace waypost::api {
namespace {

struct WorkspaceEdit {
  std::optional<std::string> name{};
  bool sets_fallback = false;
  std::optional<store::FallbackTemplate> fallback{};
  Json settings = Json::object();
  bool sets_ai_key = false;
  std::optional<std::string> sealed_ai_key{};  // nothing: it is taken away
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

void take_ai_key(WorkspaceEdit& edit, const AiKeyEdit& said, const Keyring& keyring) {
  edit.sets_ai_key = said.is_said;
  if (said.key) edit.sealed_ai_key = keyring.seal(*said.key, store::kTenantSecretPurpose);
}

Result<WorkspaceEdit> read_edit(const Request& request, const Keyring& keyring) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  WorkspaceEdit edit{.name = input->maybe_text("name", {.most = 200})};
  edit.sets_fallback = input->has("fallbackTemplate");
  if (const Json* fallback = input->maybe_object("fallbackTemplate")) edit.fallback = read_fallback(*fallback, *input);
  edit.settings = read_settings(*input);
  take_ai_key(edit, read_ai_key(*input), keyring);
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return edit;
}

Result<Json> shown(sql::Connection& connection, TenantId tenant) {
  const auto row = store::find_tenant(connection, tenant);
  if (!row) return not_found();
  Json json = store::to_json(*row);
  const bool has_key = store::has_tenant_secret(connection, tenant, store::kAi);
  Json& settings = json["settings"];
  if (has_key || settings.contains(store::kAi)) settings[std::string(store::kAi)]["hasApiKey"] = has_key;
  return json;
}

// A key goes with its address: who may set the address shall not have a key sent there that he cannot read.
bool leaves_its_address(sql::Connection& connection, TenantId tenant, const Json& setting) {
  const auto row = store::find_tenant(connection, tenant);
  const Json* before = row ? find_object(row->settings, store::kAi) : nullptr;
  return !store::same_origin(store::ai_base_url(before ? *before : Json()), store::ai_base_url(setting));
}

// Before the setting is written.
void apply_ai_key(sql::Connection& connection, TenantId tenant, const WorkspaceEdit& edit, Time now) {
  const Json* setting = find(edit.settings, store::kAi);
  if (setting == nullptr) return;
  if (edit.sealed_ai_key)
    return store::set_tenant_secret(
        connection, {.tenant = tenant, .name = std::string(store::kAi), .sealed = *edit.sealed_ai_key}, now);
  if (edit.sets_ai_key || leaves_its_address(connection, tenant, *setting))
    store::drop_tenant_secret(connection, tenant, store::kAi);
}

Result<Json> apply(sql::Connection& connection, TenantId tenant, const WorkspaceEdit& edit, Time now) {
  if (edit.name) store::rename_tenant(connection, tenant, *edit.name, now);
  if (edit.sets_fallback) store::set_fallback(connection, tenant, edit.fallback, now);
  apply_ai_key(connection, tenant, edit, now);
  for (const auto& [name, value] : edit.settings.items()) store::set_setting(connection, tenant, name, value, now);
  return shown(connection, tenant);
}

awaitable<Result<Response>> get_workspace(Shared& shared, Call call) {
  co_return respond(200, co_await shared.database.read(
                             [tenant = call.caller.tenant](auto& connection) { return shown(connection, tenant); }));
}

awaitable<Result<Response>> patch_workspace(Shared& shared, Call call) {
  auto edit = read_edit(call.request, shared.keyring);
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
