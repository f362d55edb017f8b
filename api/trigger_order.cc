#include "api/trigger_order.h"

#include <utility>

#include "api/answers.h"
#include "api/destination_rows.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "workflow/api_start.h"

namespace waypost::api {
namespace {

template <class IdType>
std::optional<IdType> maybe_id(Input& input, std::string_view key) {
  const auto text = input.maybe_text(key);
  if (!text) return std::nullopt;
  const auto id = IdType::parse(*text);
  if (!id) input.complain(key, "Invalid uuid");
  return id;
}

std::variant<KnownContact, Person> take_whom(Input& input) {
  if (!input.has("contactId") || input.is_null("contactId")) return take_person(input);
  for (const std::string_view key : {"to", "userId", "recipient"}) {
    if (input.has(key) && !input.is_null(key)) input.complain(key, "Stands beside contactId: exactly one of them");
  }
  return KnownContact{.id = maybe_id<ContactId>(input, "contactId").value_or(ContactId{}),
                      .channel = maybe_id<ChannelId>(input, "channelId")};
}

Json take_data(Input& input) {
  const Json* data = input.maybe_object("data");
  if (data == nullptr) return Json::object();
  if (dump(*data).size() > workflow::kTriggerDataBytes) input.complain("data", "is larger than 32 KiB");
  return *data;
}

// The id of a body is to blame, not the path: no 404.
Result<ConversationId> open_with(sql::Connection& connection, const TriggerOrder& order) {
  if (const auto* person = std::get_if<Person>(&order.with))
    return open_conversation_with(connection, order.tenant, *person, order.now);
  const auto& known = std::get<KnownContact>(order.with);
  const auto contact = store::surviving_contact(connection, order.tenant, known.id);
  if (!contact) return invalid("contactId", "No such contact");
  const auto channel = channel_of(connection, order.tenant, known.channel);
  if (!channel) return fail(channel.error());
  return store::open_conversation(connection, order.tenant, contact->id, *channel, order.now).id;
}

}  // namespace

TriggerOrder read_trigger_order(Input& input) {
  TriggerOrder order{.with = take_whom(input)};
  order.data = take_data(input);
  return order;
}

Result<Triggered> carry_out(sql::Connection& connection, const TriggerOrder& order) {
  if (order.key) {
    auto kept = store::claim_request(connection, *order.key, order.now);
    if (!kept) return fail(std::move(kept).error());
    if (*kept) return Triggered{.answer = **std::move(kept), .replayed = true};
  }
  auto called = workflow::callable_workflow(connection, order.tenant, order.workflow, order.data);
  if (!called) return fail(std::move(called).error());
  const auto conversation = open_with(connection, order);
  if (!conversation) return fail(conversation.error());
  const auto started = workflow::start_by_api(connection,
                                              {.tenant = order.tenant,
                                               .workflow = *std::move(called),
                                               .conversation = *conversation,
                                               .data = order.data,
                                               .runs_per_minute = order.runs_per_minute},
                                              order.now);
  if (!started) return fail(started.error());
  Triggered done{.answer = {.status = 202, .body = dump({{"ok", true}, {"runId", started->run.id.text()}})},
                 .signal = started->signal};
  if (order.key) store::keep_answer(connection, *order.key, started->run.conversation, done.answer);
  return done;
}

}  // namespace waypost::api
