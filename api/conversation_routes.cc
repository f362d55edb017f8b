#include "api/conversation_view.h"
#include "api/door.h"
#include "api/input.h"
#include "api/paging.h"
#include "api/routes.h"
#include "store/calls.h"
#include "store/counters.h"
#include "store/locks.h"

namespace waypost::api {
namespace {

constexpr std::int64_t kMostCounted = 10'000;  // of a list with a filter
constexpr std::string_view kStatuses = "Expected 'open' | 'handoff' | 'closed'";

bool is_status(std::string_view text) { return text == "open" || text == "handoff" || text == "closed"; }

struct ListRequest {
  TenantId tenant{};
  store::Page page{};
  std::optional<std::string> status{};
  ViewRules rules{};
};

Result<ListRequest> read_list(const Shared& shared, const Call& call) {
  const auto page = read_page(call.request);
  if (!page) return fail(page.error());
  const auto status = call.request.query_value("status");
  if (status && *status != "all" && !is_status(*status)) return invalid("status", std::string(kStatuses));
  const bool filtered = status && *status != "all";
  return ListRequest{.tenant = call.caller.tenant,
                     .page = *page,
                     .status = filtered ? std::optional<std::string>(*status) : std::nullopt,
                     .rules = {.now = call.now, .window_margin = shared.settings.sending.window_margin}};
}

Json page_json(sql::Connection& connection, const ListRequest& asked) {
  const auto rows = asked.status ? store::list_conversations(connection, asked.tenant, *asked.status, asked.page)
                                 : store::list_conversations(connection, asked.tenant, asked.page);
  Json items = Json::array();
  for (const auto& row : rows) items.push_back(conversation_view(connection, row, asked.rules));
  Json json{{"items", std::move(items)}};
  if (asked.status) {
    const auto counted = store::count_conversations(connection, asked.tenant, *asked.status, kMostCounted);
    json["total"] = counted;
    json["totalIsAtLeast"] = counted == kMostCounted;
  } else {
    json["total"] = store::total(connection, asked.tenant, "conversations");
  }
  return json;
}

struct ConversationEdit {
  std::optional<std::string> status{};
  bool sets_assignee = false;
  std::optional<UserId> assignee{};
};

Result<ConversationEdit> read_edit(const Request& request) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  ConversationEdit edit{.status = input->maybe_text("status"), .sets_assignee = input->has("assignedToUserId")};
  if (edit.status && !is_status(*edit.status)) input->complain("status", std::string(kStatuses));
  if (const auto text = input->maybe_text("assignedToUserId")) {
    edit.assignee = UserId::parse(*text);
    if (!edit.assignee) input->complain("assignedToUserId", "Invalid uuid");
  }
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return edit;
}

struct PatchRequest {
  TenantId tenant{};
  ConversationId id{};
  ConversationEdit edit{};
  ViewRules rules{};
};

Result<Json> apply(sql::Connection& connection, const PatchRequest& asked) {
  auto row = store::lock_surviving_conversation(connection, asked.tenant, asked.id);
  if (!row) return not_found();
  if (asked.edit.assignee && !store::role_in(connection, asked.tenant, *asked.edit.assignee))
    return invalid("assignedToUserId", "Not a member of this workspace");
  if (asked.edit.status) row->status = *asked.edit.status;
  if (asked.edit.status == "open") {  // whoever opens it wants it run as usual
    row->automation_paused_until.reset();
    row->thread_owner.reset();
  }
  if (asked.edit.sets_assignee) row->assigned_to = asked.edit.assignee;
  store::update_conversation(connection, *row, asked.rules.now);
  row->updated_at = asked.rules.now;
  return conversation_view(connection, *row, asked.rules);
}

awaitable<Result<Response>> list(Shared& shared, Call call) {
  auto asked = read_list(shared, call);
  if (!asked) co_return fail(asked.error());
  co_return respond(200, co_await shared.database.read(
                             [asked = *std::move(asked)](auto& connection) { return page_json(connection, asked); }));
}

Result<Json> shown(sql::Connection& connection, TenantId tenant, ConversationId id, const ViewRules& rules) {
  const auto row = store::find_conversation(connection, tenant, id);
  if (!row) return not_found();
  Json json = conversation_view(connection, *row, rules);
  json["calls"] = store::calls_of(connection, tenant, id);
  return json;
}

awaitable<Result<Response>> get(Shared& shared, Call call) {
  const auto id = path_id<ConversationId>(call.request);
  if (!id) co_return fail(id.error());
  const ViewRules rules{.now = call.now, .window_margin = shared.settings.sending.window_margin};
  co_return respond(200,
                    co_await shared.database.read([tenant = call.caller.tenant, id = *id, rules](auto& connection) {
                      return shown(connection, tenant, id, rules);
                    }));
}

awaitable<Result<Response>> patch(Shared& shared, Call call) {
  const auto id = path_id<ConversationId>(call.request);
  if (!id) co_return fail(id.error());
  auto edit = read_edit(call.request);
  if (!edit) co_return fail(edit.error());
  PatchRequest asked{.tenant = call.caller.tenant,
                     .id = *id,
                     .edit = *std::move(edit),
                     .rules = {.now = call.now, .window_margin = shared.settings.sending.window_margin}};
  const bool opens = asked.edit.status == "open";
  auto changed =
      co_await shared.database.write(sql::lane_key(*id, call.caller.tenant),
                                     [asked = std::move(asked)](auto& connection) { return apply(connection, asked); });
  // Runs that waited for a person's pause to end.
  if (changed && opens) {
    shared.parts.signals->offer({{.queue = QueueName::Runs, .key = {.owner = call.caller.tenant, .key = *id}}});
  }
  co_return respond(200, std::move(changed));
}

}  // namespace

void add_conversation_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/conversations", list},
                  {"GET", "/api/conversations/{id}", get},
                  {"PATCH", "/api/conversations/{id}", patch},
              });
}

}  // namespace waypost::api
