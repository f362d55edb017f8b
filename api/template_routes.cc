#include <set>

#include "api/door.h"
#include "api/input.h"
#include "api/meta_errors.h"
#include "api/routes.h"
#include "conversation/template_parameters.h"
#include "conversation/template_rendering.h"
#include "store/templates.h"

namespace waypost::api {
namespace {

store::TemplateFilter read_filter(const RequestHead& head) {
  const auto value = [&head](std::string_view key) { return std::string(head.query_value(key).value_or("")); };
  return {.waba_id = value("wabaId"),
          .name = value("name"),
          .language = value("language"),
          .category = value("category"),
          .status = value("status")};
}

awaitable<Result<Response>> list(Shared& shared, Call call) {
  auto rows = co_await shared.database.read(
      [tenant = call.caller.tenant, filter = read_filter(call.request)](auto& connection) {
        return store::list_templates(connection, tenant, filter);
      });
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

// Preview -----------------------------------------------------------------------------------------------------------

// {"type": "body", "parameters"} of texts in order, or by name.
Json body_of(const Json& parameters) {
  Json list = Json::array();
  for (const auto& [key, value] : parameters.items()) {
    Json parameter{{"type", "text"}, {"text", value.is_string() ? value.get<std::string>() : dump(value)}};
    if (parameters.is_object()) parameter["parameter_name"] = key;
    list.push_back(std::move(parameter));
  }
  return {{"type", "body"}, {"parameters", std::move(list)}};
}

// {"components"} as a send has it; or {"parameters"}: the body's alone.
Result<Json> read_content(const Request& request) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  const Json* components = find(input->body(), "components");
  const Json* parameters = find(input->body(), "parameters");
  if (components != nullptr && !components->is_array()) input->complain("components", "Expected array");
  if (parameters != nullptr && !parameters->is_structured()) input->complain("parameters", "Expected array or object");
  if (components != nullptr && parameters != nullptr)
    input->complain("parameters", "Expected components or parameters");
  if (auto fine = input->end(); !fine) return fail(fine.error());
  if (components != nullptr) return Json{{"components", *components}};
  if (parameters == nullptr || parameters->empty()) return Json::object();
  return Json{{"components", Json::array({body_of(*parameters)})}};
}

Result<Json> previewed(const store::Template& row, const Json& content) {
  const TemplateShape shape{.name = row.name,
                            .language = row.language,
                            .parameter_format = row.parameter_format,
                            .components = row.components};
  auto faults = parameter_faults(shape, content);
  if (row.status != store::kApproved) faults.push_back({"status", "Only an APPROVED template is sent"});
  Json shown = rendered_template(shape, content);
  shown["faults"] = Json::array();
  for (const auto& fault : faults) shown["faults"].push_back({{"path", fault.path}, {"message", fault.message}});
  return shown;
}

awaitable<Result<Response>> preview(Shared& shared, Call call) {
  const auto id = path_id<TemplateId>(call.request);
  if (!id) co_return fail(id.error());
  const auto content = read_content(call.request);
  if (!content) co_return fail(content.error());
  const auto row = co_await shared.database.read([tenant = call.caller.tenant, id = *id](auto& connection) {
    return store::find_template(connection, tenant, id);
  });
  if (!row) co_return fail(row.error());
  if (!*row) co_return not_found();
  co_return respond(200, previewed(**row, *content));
}

// Sync --------------------------------------------------------------------------------------------------------------

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
    if (!synced) co_return fail(told_by_meta(synced.error()));
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
                  {"POST", "/api/templates/{id}/preview", preview},
                  {"POST", "/api/templates/sync", sync, store::Role::Admin},
              });
}

}  // namespace waypost::api
