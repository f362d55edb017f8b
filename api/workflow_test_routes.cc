// POST /api/workflows/{id}/test, of admins, because a draft may name any credential and its calls are really made: runs
// the draft without sending anything. {"message"?, "contact"?: {name, phone,
// language, tags, fields}, "conversationId"?: whose contact and history count instead, "replies"?: ["text", {"id",
// "title"} of a button or a row, null: none in time], "data"?: of an API call}.

#include "api/door.h"
#include "api/input.h"
#include "api/routes.h"
#include "store/rates.h"
#include "store/workflows.h"
#include "workflow/api_start.h"
#include "workflow/catalogue.h"
#include "workflow/graph_faults.h"
#include "workflow/rehearsal.h"

namespace waypost::api {
namespace {

using workflow::DraftTest;

constexpr std::size_t kMostReplies = 100;
constexpr std::string_view kTestTrigger = "trigger.manual_test";

struct Wish {
  std::optional<std::string> message{};
  std::optional<ConversationId> conversation{};
  store::Contact contact{};
  std::vector<std::optional<Json>> replies{};
  Json data = Json::object();
};

std::optional<Json> read_reply(Input& input, const Json& given, const std::string& path) {
  if (given.is_null()) return std::nullopt;
  Json reply{{"id", nullptr}, {"type", "text"}, {"choice", nullptr}, {"content", Json::object()}};
  if (given.is_string()) {
    reply["text"] = given;
  } else if (find_text(given, "id") || find_text(given, "title")) {
    const auto title = find_text(given, "title").value_or(text_or_empty(given, "id"));
    reply["type"] = "button";
    reply["text"] = title;
    reply["choice"] = {{"id", find_text(given, "id").value_or(title)}, {"title", title}};
  } else {
    input.complain(path, "Expected a text, {\"id\", \"title\"} of a button or a row, or null for none in time");
  }
  return reply;
}

void read_replies(Input& input, Wish& wish) {
  const Json* replies = find(input.body(), "replies");
  if (replies == nullptr || replies->is_null()) return;
  if (!replies->is_array() || replies->size() > kMostReplies) {
    input.complain("replies", "Expected an array of at most 100");
    return;
  }
  for (std::size_t at = 0; at < replies->size(); ++at) {
    wish.replies.push_back(read_reply(input, (*replies)[at], "replies." + std::to_string(at)));
  }
}

// Somebody made up; what is not said is nobody's.
store::Contact read_contact(Input& input) {
  store::Contact contact{.profile_name = "Test"};
  const Json* given = input.maybe_object("contact");
  if (given == nullptr) return contact;
  Input inner(*given);
  if (const auto name = inner.maybe_text("name")) contact.profile_name = *name;
  if (auto phone = inner.maybe_text("phone")) contact.phone = phone->starts_with('+') ? phone->substr(1) : *phone;
  contact.language = inner.maybe_text("language");
  contact.tags = inner.maybe_texts("tags", 100).value_or(std::vector<std::string>());
  if (const Json* fields = inner.maybe_object("fields")) contact.fields = *fields;
  if (const auto fine = inner.end(); !fine) {
    for (const auto& fault : fine.error().fields()) input.complain("contact." + fault.path, fault.message);
  }
  return contact;
}

Result<Wish> read_wish(const Request& request) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  Wish wish{.message = input->maybe_text("message", {.most = 4'096})};
  wish.contact = read_contact(*input);
  read_replies(*input, wish);
  if (const Json* data = input->maybe_object("data")) wish.data = *data;
  if (const auto id = input->maybe_text("conversationId")) {
    wish.conversation = ConversationId::parse(*id);
    if (!wish.conversation) input->complain("conversationId", "Expected a UUID");
  }
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return wish;
}

Result<void> check(const workflow::Graph& graph) {
  auto faults = workflow::test_faults(graph);
  if (faults.empty()) return {};
  return fail(Error(ErrorKind::Rejected, "the workflow's graph is not valid")
                  .with_code(std::string(workflow::kInvalidGraph))
                  .with_fields(std::move(faults)));
}

// What starts the test: an API call's data, or a message.
void set_start(DraftTest& test, const Wish& wish) {
  const auto& trigger = *test.graph.find(test.graph.entry);
  if (trigger.type == workflow::kApiTrigger) {
    test.trigger = {{"data", wish.data}};
    return;
  }
  const auto said = trigger.type == kTestTrigger ? text_or_empty(trigger.config, "testMessage") : std::string("Hello");
  const auto text = wish.message.value_or(said);
  test.message = store::Message{.tenant = test.run.tenant,
                                .id = MessageId::make(test.now),
                                .contact = test.contact.id,
                                .text = text,
                                .content = {{"body", text}},
                                .happened_at = test.now,
                                .created_at = test.now};
}

Result<void> set_people(sql::Connection& connection, DraftTest& test, const Wish& wish) {
  const auto tenant = test.run.tenant;
  if (!wish.conversation) {
    test.contact = wish.contact;
    test.contact.id = ContactId::make(test.now);
    test.conversation = {.tenant = tenant, .id = ConversationId::make(test.now), .contact = test.contact.id};
    return {};
  }
  auto conversation = store::surviving_conversation(connection, tenant, *wish.conversation);
  auto contact = conversation ? store::find_contact(connection, tenant, conversation->contact) : std::nullopt;
  if (!contact) return fail(ErrorKind::NotFound, "there is no such conversation");
  test.is_real = true;
  test.contact = *std::move(contact);
  test.conversation = *std::move(conversation);
  return {};
}

Result<DraftTest> prepare(sql::Connection& connection, const store::Run& run, const Wish& wish, Time now) {
  const auto workflow = store::find_workflow(connection, run.tenant, run.workflow);
  if (!workflow) return not_found();
  DraftTest test{.graph = workflow::read_graph(workflow->draft), .run = run, .replies = wish.replies, .now = now};
  if (auto fine = check(test.graph); !fine) return fail(fine.error());
  test.run.workflow_name = workflow->name;
  test.time_zone = store::time_zone_of(connection, run.tenant);
  if (auto found = set_people(connection, test, wish); !found) return fail(found.error());
  set_start(test, wish);
  return test;
}

workflow::SprintLimits limits_of(const RunSettings& runs) {
  return {.steps_per_run = runs.max_steps_per_run,
          .steps_per_sprint = runs.max_steps_per_sprint,
          .equal_texts = runs.max_equal_texts_in_five_minutes};
}

awaitable<Result<Response>> test(Shared& shared, Call call) {
  const auto id = path_id<WorkflowId>(call.request);
  if (!id) co_return fail(id.error());
  const auto wish = read_wish(call.request);
  if (!wish) co_return fail(wish.error());
  const store::Run run{
      .tenant = call.caller.tenant, .id = RunId::make(call.now), .workflow = *id, .created_at = call.now};
  auto prepared = co_await shared.database.read(
      [run, wish = *wish, now = call.now](sql::Connection& connection) { return prepare(connection, run, wish, now); });
  if (!prepared) co_return fail(prepared.error());
  prepared->limits = limits_of(shared.settings.runs);
  co_return respond(200, co_await shared.parts.test_draft(*std::move(prepared)));
}

}  // namespace

void add_workflow_test_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{{"POST", "/api/workflows/{id}/test", test, store::Role::Admin}});
}

}  // namespace waypost::api
