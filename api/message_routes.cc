#include <algorithm>

#include "api/conversation_view.h"
#include "api/door.h"
#include "api/outgoing.h"
#include "api/paging.h"
#include "api/routes.h"
#include "store/locks.h"
#include "store/media.h"
#include "store/message_marks.h"
#include "store/messages.h"
#include "store/recipients.h"

namespace waypost::api {
namespace {

// What is known of a page's messages beside their rows.
struct Besides {
  std::map<std::string, std::vector<store::Mark>> marks{};  // what later messages say about them, by wamid
  std::map<MessageId, store::Media> media{};
  std::map<MessageId, Json> recipients{};  // of a group's
};

Json shown_in_page(const store::Message& message, const Besides& besides) {
  const auto& marks = besides.marks;
  const auto of_it = message.wamid ? marks.find(*message.wamid) : marks.end();
  Json json = store::to_json(message);
  json.update(store::to_json(of_it == marks.end() ? std::vector<store::Mark>() : of_it->second));
  const auto media = besides.media.find(message.id);
  if (media != besides.media.end()) json["media"] = store::to_json(media->second);
  const auto recipients = besides.recipients.find(message.id);
  if (recipients != besides.recipients.end()) json["recipients"] = recipients->second;
  return json;
}

Besides read_besides(sql::Connection& connection, const store::Conversation& conversation, const store::Page& page,
                     const std::vector<store::Message>& rows) {
  Besides besides{.marks = store::marks_of_page(connection, conversation, page),
                  .media = store::media_of_page(connection, conversation.tenant, conversation.id, page)};
  const auto contact = store::find_contact(connection, conversation.tenant, conversation.contact);
  if (contact && contact->group_id) besides.recipients = store::recipients_of(connection, conversation.tenant, rows);
  return besides;
}

// The newest page, in the order people read.
Result<Json> page_json(sql::Connection& connection, TenantId tenant, ConversationId id, const store::Page& page) {
  const auto conversation = store::surviving_conversation(connection, tenant, id);
  if (!conversation) return not_found();
  auto rows = store::list_messages(connection, tenant, conversation->id, {page.limit + 1, page.offset});
  const bool more = std::ssize(rows) > page.limit;
  if (more) rows.pop_back();
  const auto besides = read_besides(connection, *conversation, page, rows);
  Json messages = Json::array();
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) messages.push_back(shown_in_page(*row, besides));
  return Json{{"messages", std::move(messages)}, {"hasMore", more}};
}

awaitable<Result<Response>> list(Shared& shared, Call call) {
  const auto id = path_id<ConversationId>(call.request);
  if (!id) co_return fail(id.error());
  const auto page = read_page(call.request, {.usual = 100, .most = 100});
  if (!page) co_return fail(page.error());
  co_return respond(
      200, co_await shared.database.read([tenant = call.caller.tenant, id = *id, page = *page](auto& connection) {
        return page_json(connection, tenant, id, page);
      }));
}

struct Send {
  TenantId tenant{};
  ConversationId conversation{};
  Outgoing outgoing{};
  store::AcceptRules rules{};
  Time now{};
};

// What became of it. A refusal is a value, not an Error: it wrote nothing, and says when the window ended.
struct Sent {
  std::optional<store::Message> message{};
  bool repeated = false;  // its externalId was sent before
  std::optional<Error> refusal{};
  std::optional<Time> window_expires_at{};
};

// Meta's id of the message that is answered.
Result<std::string> wamid_of(sql::Connection& connection, const Send& send, const store::Conversation& conversation) {
  const auto answered = store::find_message(connection, send.tenant, *send.outgoing.answers);
  if (!answered || answered->conversation != conversation.id)
    return invalid("replyTo", "No such message in this conversation");
  if (!answered->wamid) return invalid("replyTo", "This message has not reached WhatsApp");
  return *answered->wamid;
}

// Nothing when the externalId is new. Conflict when another conversation has used it.
Result<std::optional<store::Message>> sent_before(sql::Connection& connection, const Send& send,
                                                  const store::Conversation& conversation) {
  const auto& external = send.outgoing.message.external_id;
  if (!external) return std::nullopt;
  auto earlier = store::message_of_external(connection, send.tenant, conversation.channel, *external);
  if (earlier && earlier->conversation != conversation.id)
    return fail(ErrorKind::Conflict, "another conversation has a message with this externalId");
  return earlier;
}

// Under the conversation's row: of two requests with one externalId the second sees what the first one queued.
Result<Sent> accept(sql::Connection& connection, const Send& send) {
  const auto conversation = store::lock_surviving_conversation(connection, send.tenant, send.conversation);
  if (!conversation) return not_found();
  auto earlier = sent_before(connection, send, *conversation);
  if (!earlier) return fail(earlier.error());
  if (*earlier) return Sent{.message = **std::move(earlier), .repeated = true};
  store::Message message = send.outgoing.message;
  if (send.outgoing.answers) {
    auto wamid = wamid_of(connection, send, *conversation);
    if (!wamid) return fail(wamid.error());
    message.reply_to = *std::move(wamid);
  }
  auto accepted = store::accept_message(connection, *conversation, std::move(message), send.rules, send.now);
  if (accepted) return Sent{.message = *std::move(accepted)};
  if (accepted.error().kind() != ErrorKind::Rejected) return fail(std::move(accepted).error());
  return Sent{.refusal = std::move(accepted).error(), .window_expires_at = conversation->window_expires_at};
}

Response refused(const Sent& sent) {
  Json body = body_of(*sent.refusal);
  if (sent.refusal->code() == kWindowClosed)
    body["windowExpiresAt"] = sent.window_expires_at ? Json(iso8601(*sent.window_expires_at)) : Json();
  return answer(status_of(sent.refusal->kind()), body);
}

Result<Send> read_send(const Shared& shared, const Call& call) {
  const auto id = path_id<ConversationId>(call.request);
  if (!id) return fail(id.error());
  auto outgoing = read_outgoing(call.request);
  if (!outgoing) return fail(outgoing.error());
  outgoing->message.author = call.caller.user ? "user" : "api";
  outgoing->message.author_id = call.caller.user;
  return Send{.tenant = call.caller.tenant,
              .conversation = *id,
              .outgoing = *std::move(outgoing),
              .rules = shared.accept_rules(),
              .now = call.now};
}

awaitable<Result<Response>> post(Shared& shared, Call call) {
  auto send = read_send(shared, call);
  if (!send) co_return fail(send.error());
  const auto sent =
      co_await shared.database.write(sql::lane_key(send->conversation, send->tenant),
                                     [send = *send](auto& connection) { return accept(connection, send); });
  if (!sent) co_return fail(sent.error());
  if (sent->refusal) co_return refused(*sent);
  if (!sent->repeated) {
    const ReadyKey key{.owner = call.caller.tenant,
                       .key = sent->message->conversation,
                       .stream = Stream::Reply,
                       .channel = sent->message->channel};
    shared.parts.signals->offer({Signal{.queue = QueueName::Sends, .key = key}});
  }
  co_return answer(sent->repeated ? 200 : 201, store::to_json(*sent->message));
}

}  // namespace

void add_message_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/conversations/{id}/messages", list},
                  {"POST", "/api/conversations/{id}/messages", post},
              });
}

}  // namespace waypost::api
