// Templates made, edited and deleted at Meta. Meta first, then the row: what Meta refused is nowhere, and what it took
// and could not be written here comes with the next listing.

#include <algorithm>

#include "api/ask_meta.h"
#include "api/door.h"
#include "api/input.h"
#include "api/routes.h"
#include "conversation/template_draft.h"
#include "net/http.h"
#include "outbound/template_row.h"
#include "store/templates.h"

namespace waypost::api {
namespace {

constexpr std::string_view kTemplateFields =
    "name,status,category,language,components,parameter_format,quality_score,rejected_reason,id";

awaitable<Result<Json>> keep(Shared& shared, store::Template row, Time now) {
  const auto key = sql::lane_key(row.tenant);
  co_return co_await shared.database.write(
      key, [row = std::move(row), now](sql::Connection& connection) -> Result<Json> {
        store::upsert_template(connection, row, now);
        const auto kept = store::find_template(
            connection, row.tenant,
            store::TemplateName{.waba_id = row.waba_id, .name = row.name, .language = row.language});
        if (!kept) return not_found();
        return store::to_json(*kept);
      });
}

// Make --------------------------------------------------------------------------------------------------------------

TemplateDraft read_draft(Input& input) {
  TemplateDraft draft{.name = input.text("name", {.most = 512}),
                      .language = input.text("language", {.most = 16}),
                      .category = input.text("category", {.most = 64})};
  draft.parameter_format = input.maybe_text("parameterFormat").value_or("POSITIONAL");
  draft.ttl_seconds = input.maybe_integer("messageSendTtlSeconds", -1, 2'592'000);
  const Json* components = find_array(input.body(), "components");
  if (components == nullptr)
    input.complain("components", "Expected array");
  else
    draft.components = *components;
  return draft;
}

// Complaints that a missing field has brought already are not told twice.
Result<void> check(const Input& input, std::vector<FieldError> faults) {
  const auto before = input.end();
  std::vector<FieldError> all = before ? std::vector<FieldError>() : before.error().fields();
  for (auto& fault : faults) {
    const bool told = std::ranges::any_of(all, [&](const FieldError& one) { return one.path == fault.path; });
    if (!told || fault.path.contains('.')) all.push_back(std::move(fault));
  }
  if (all.empty()) return {};
  return fail(Error(ErrorKind::InvalidInput, "Validation failed").with_fields(std::move(all)));
}

Json request_of(const TemplateDraft& draft) {
  Json body{{"name", draft.name},
            {"language", draft.language},
            {"category", draft.category},
            {"parameter_format", draft.parameter_format},
            {"components", draft.components}};
  if (draft.ttl_seconds) body["message_send_ttl_seconds"] = *draft.ttl_seconds;
  return body;
}

// A channel of the business account that the template is to be in; without a name, the workspace's only one.
Result<store::Channel> channel_for(sql::Connection& connection, TenantId tenant, const std::string& waba_id) {
  auto channels = store::list_channels(connection, tenant);
  if (channels.empty()) return fail(Error(ErrorKind::Rejected, "the workspace has no channel").with_code("no_channel"));
  const bool several =
      std::ranges::any_of(channels, [&](const store::Channel& one) { return one.waba_id != channels.front().waba_id; });
  if (waba_id.empty() && several) return invalid("wabaId", "Required: the workspace has several business accounts");
  if (!waba_id.empty()) std::erase_if(channels, [&](const store::Channel& one) { return one.waba_id != waba_id; });
  if (channels.empty()) return invalid("wabaId", "No channel of the workspace is of this business account");
  // One whose token is known to be refused, only when there is no other.
  const auto good =
      std::ranges::find_if(channels, [](const store::Channel& one) { return one.state != "needs_token"; });
  return good == channels.end() ? channels.front() : *good;
}

struct NewTemplate {
  TemplateDraft draft{};
  std::string waba_id{};
};

Result<store::Channel> place_of(sql::Connection& connection, TenantId tenant, const NewTemplate& asked) {
  auto channel = channel_for(connection, tenant, asked.waba_id);
  if (!channel) return channel;
  const auto known = store::find_template(
      connection, tenant,
      store::TemplateName{.waba_id = channel->waba_id, .name = asked.draft.name, .language = asked.draft.language});
  if (known && known->status != store::kDeleted)
    return fail(ErrorKind::Conflict, "there is a template of this name and language already");
  return channel;
}

store::Template row_of(const store::Channel& channel, const TemplateDraft& draft, const Json& answer) {
  return {.tenant = channel.tenant,
          .waba_id = channel.waba_id,
          .meta_id = find_text(answer, "id"),
          .name = draft.name,
          .language = draft.language,
          .category = find_text(answer, "category").value_or(draft.category),
          .status = find_text(answer, "status").value_or("PENDING"),
          .parameter_format = draft.parameter_format,
          .components = draft.components};
}

awaitable<Result<Response>> create(Shared& shared, Call call) {
  auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  NewTemplate asked{.draft = read_draft(*input), .waba_id = input->maybe_text("wabaId", {.most = 64}).value_or("")};
  if (auto fine = check(*input, draft_faults(asked.draft)); !fine) co_return fail(fine.error());
  const auto channel = co_await shared.database.read([tenant = call.caller.tenant, asked](sql::Connection& connection) {
    return place_of(connection, tenant, asked);
  });
  if (!channel) co_return fail(channel.error());
  auto components = co_await with_handles(shared, *channel, asked.draft.components);
  if (!components) co_return fail(std::move(components).error());
  asked.draft.components = *std::move(components);
  const auto made = co_await ask_meta(shared, *channel,
                                      {.method = "POST",
                                       .path = "/" + percent_encoded(channel->waba_id) + "/message_templates",
                                       .body = request_of(asked.draft)});
  if (!made) co_return fail(made.error());
  auto row = row_of(*channel, asked.draft, made->body);
  const Time now = shared.clock.now();
  row.synced_at = now;
  co_return respond(201, co_await keep(shared, std::move(row), now));
}

// One that is there --------------------------------------------------------------------------------------------------

struct Placed {
  store::Template row{};
  store::Channel channel{};
};

Result<Placed> find_placed(sql::Connection& connection, TenantId tenant, TemplateId id) {
  auto row = store::find_template(connection, tenant, id);
  if (!row) return not_found();
  auto channel = channel_for(connection, tenant, row->waba_id);
  if (!channel)
    return fail(Error(ErrorKind::Rejected, "no channel of the workspace is of the template's business account")
                    .with_code("no_channel"));
  return Placed{.row = *std::move(row), .channel = *std::move(channel)};
}

awaitable<Result<Placed>> placed(Shared& shared, const Call& call) {
  const auto id = path_id<TemplateId>(call.request);
  if (!id) co_return fail(id.error());
  co_return co_await shared.database.read([tenant = call.caller.tenant, id = *id](sql::Connection& connection) {
    return find_placed(connection, tenant, id);
  });
}

struct TemplateEdit {
  TemplateDraft draft{};  // as it is to be
  Json changes{};         // what Meta is told
};

void read_changes(Input& input, TemplateEdit& edit) {
  edit.changes = Json::object();
  if (const Json* components = find(input.body(), "components")) {
    if (!components->is_array()) input.complain("components", "Expected array");
    edit.draft.components = *components;
    edit.changes["components"] = *components;
  }
  if (auto category = input.maybe_text("category", {.most = 64})) {
    edit.draft.category = *category;
    edit.changes["category"] = *std::move(category);
  }
  edit.draft.ttl_seconds = input.maybe_integer("messageSendTtlSeconds", -1, 2'592'000);
  if (edit.draft.ttl_seconds) edit.changes["message_send_ttl_seconds"] = *edit.draft.ttl_seconds;
  if (edit.changes.empty()) input.complain("components", "Required: what is to be changed");
}

Result<TemplateEdit> read_edit(const Request& request, const store::Template& row) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  TemplateEdit edit{.draft = {.name = row.name,
                              .language = row.language,
                              .category = row.category,
                              .parameter_format = row.parameter_format,
                              .components = row.components}};
  read_changes(*input, edit);
  if (row.status == store::kApproved && edit.draft.category != row.category)
    input->complain("category", "The category of an APPROVED template cannot be changed");
  auto faults = draft_faults(edit.draft);
  if (!edit.changes.contains("components"))
    std::erase_if(faults, [](const FieldError& fault) { return fault.path.starts_with("components"); });
  if (auto fine = check(*input, std::move(faults)); !fine) return fail(fine.error());
  return edit;
}

// Meta's answer to an edit is {"success": true}: what it made of it is asked for. Where that fails it is in review, and
// the next listing knows more.
awaitable<store::Template> row_after(Shared& shared, Placed at, TemplateEdit edit) {
  const Time now = shared.clock.now();
  const auto told = co_await ask_meta(
      shared, at.channel, {.path = "/" + percent_encoded(*at.row.meta_id) + "?fields=" + std::string(kTemplateFields)});
  if (told) {
    if (auto row = template_row(at.channel, told->body, now)) co_return *std::move(row);
  }
  at.row.category = edit.draft.category;
  at.row.components = edit.draft.components;
  at.row.status = "PENDING";
  at.row.synced_at = now;
  co_return at.row;
}

awaitable<Result<Response>> edit(Shared& shared, Call call) {
  auto at = co_await placed(shared, call);
  if (!at) co_return fail(at.error());
  auto edit = read_edit(call.request, at->row);
  if (!edit) co_return fail(edit.error());
  if (auto why = edit_refusal(at->row.status))
    co_return fail(Error(ErrorKind::Rejected, *std::move(why)).with_code("template_not_editable"));
  if (!at->row.meta_id)
    co_return fail(Error(ErrorKind::Rejected, "Meta's id of the template is not known yet: sync first")
                       .with_code("template_not_listed"));
  if (edit->changes.contains("components")) {
    auto components = co_await with_handles(shared, at->channel, edit->draft.components);
    if (!components) co_return fail(std::move(components).error());
    edit->changes["components"] = *components;
    edit->draft.components = *std::move(components);
  }
  const auto done = co_await ask_meta(
      shared, at->channel, {.method = "POST", .path = "/" + percent_encoded(*at->row.meta_id), .body = edit->changes});
  if (!done) co_return fail(done.error());
  co_return respond(200, co_await keep(shared, co_await row_after(shared, *at, *edit), shared.clock.now()));
}

std::string deletion_path(const store::Template& row, bool of_all) {
  std::string path = "/" + percent_encoded(row.waba_id) + "/message_templates?name=" + percent_encoded(row.name);
  if (!of_all && row.meta_id) path += "&hsm_id=" + percent_encoded(*row.meta_id);
  return path;
}

awaitable<Result<Response>> remove(Shared& shared, Call call) {
  const auto at = co_await placed(shared, call);
  if (!at) co_return fail(at.error());
  const bool of_all = call.request.query_value("allLanguages") == "true";
  // Without its id Meta would delete the other languages, too.
  if (!of_all && !at->row.meta_id)
    co_return fail(Error(ErrorKind::Rejected, "Meta's id of the template is not known yet: sync first")
                       .with_code("template_not_listed"));
  const auto done =
      co_await ask_meta(shared, at->channel, {.method = "DELETE", .path = deletion_path(at->row, of_all)});
  if (!done) co_return fail(done.error());
  auto unit = [row = at->row, of_all, now = shared.clock.now()](sql::Connection& connection) {
    const std::string language = of_all ? "" : row.language;
    return store::note_templates_deleted(connection, row.tenant,
                                         {.waba_id = row.waba_id, .name = row.name, .language = language}, now);
  };
  const auto deleted = co_await shared.database.write(sql::lane_key(call.caller.tenant), std::move(unit));
  if (!deleted) co_return fail(deleted.error());
  co_return ok({{"ok", true}, {"deleted", *deleted}});
}

}  // namespace

void add_template_write_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"POST", "/api/templates", create, store::Role::Admin},
                  {"PATCH", "/api/templates/{id}", edit, store::Role::Admin},
                  {"DELETE", "/api/templates/{id}", remove, store::Role::Admin},
              });
}

}  // namespace waypost::api
