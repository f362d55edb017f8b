// Marking a customer's message as read, and showing that somebody types. Both go to Meta within the request, once: what
// Meta does not take is said in the answer and not tried again. They may repeat, and stand in no list (law 8).

#include <utility>

#include "api/door.h"
#include "api/input.h"
#include "api/routes.h"
#include "store/channels.h"
#include "store/messages.h"

namespace waypost::api {
namespace {

enum class Mark { Read, Typing };

// What is marked, and by which number.
struct Target {
  store::Message message{};
  store::Channel channel{};
};

struct Asked {
  TenantId tenant{};
  ConversationId conversation{};
  std::optional<MessageId> message{};  // nothing: the newest one
  std::optional<std::string> wamid{};
};

std::unexpected<Error> refused(std::string code, std::string words) {
  return fail(Error(ErrorKind::Rejected, std::move(words)).with_code(std::move(code)));
}

Result<store::Message> message_of(sql::Connection& connection, const Asked& asked, ConversationId conversation) {
  if (asked.wamid) return store::Message{.conversation = conversation, .wamid = asked.wamid};
  if (asked.message) {
    auto message = store::find_message(connection, asked.tenant, *asked.message);
    if (!message || message->conversation != conversation || message->outbound || !message->wamid)
      return invalid("messageId", "No such message of the customer's in this conversation");
    return *std::move(message);
  }
  auto newest = store::newest_inbound(connection, asked.tenant, conversation);
  if (!newest) return refused("nothing_to_mark", "the customer has not written in this conversation");
  return *std::move(newest);
}

Result<Target> target_of(sql::Connection& connection, const Asked& asked) {
  const auto conversation = store::surviving_conversation(connection, asked.tenant, asked.conversation);
  if (!conversation) return not_found();
  if (conversation->thread_owner)
    return refused("thread_elsewhere", "another app owns the conversation: set its status to open to take it back");
  auto message = message_of(connection, asked, conversation->id);
  if (!message) return fail(std::move(message).error());
  auto channel = store::find_channel(connection, asked.tenant, conversation->channel);
  if (!channel) return refused("no_channel", "the conversation's channel is gone: create it again to send");
  return Target{.message = *std::move(message), .channel = *std::move(channel)};
}

Result<Asked> read_asked(const Call& call) {
  const auto id = path_id<ConversationId>(call.request);
  if (!id) return fail(id.error());
  auto input = Input::of(call.request);
  if (!input) return fail(input.error());
  Asked asked{.tenant = call.caller.tenant, .conversation = *id};
  if (const auto text = input->maybe_text("messageId", {.most = 512})) {
    asked.message = MessageId::parse(*text);
    if (!asked.message && text->starts_with("wamid.")) asked.wamid = *text;
    if (!asked.message && !asked.wamid) input->complain("messageId", "Expected a message's id or its wamid");
  }
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return asked;
}

// Meta, "Mark messages as read", "Typing indicators": the one implies the other.
Json mark_json(const std::string& wamid, Mark mark) {
  Json json{{"messaging_product", "whatsapp"}, {"status", "read"}, {"message_id", wamid}};
  if (mark == Mark::Typing) json["typing_indicator"] = {{"type", "text"}};
  return json;
}

// A token that Meta refuses is the number's matter, not the caller's.
Error told(Error error) {
  if (error.kind() == ErrorKind::RateLimited || error.kind() == ErrorKind::Unavailable) return error;
  return Error(ErrorKind::Rejected, error.words()).with_code("refused_by_meta");
}

awaitable<Result<Response>> mark(Shared& shared, Call call, Mark mark) {
  if (!shared.parts.post_mark) co_return fail(ErrorKind::Unavailable, "this node does not speak with Meta");
  auto asked = read_asked(call);
  if (!asked) co_return fail(std::move(asked).error());
  auto target = co_await shared.database.read(
      [asked = *std::move(asked)](auto& connection) { return target_of(connection, asked); });
  if (!target) co_return fail(std::move(target).error());
  const auto wamid = *target->message.wamid;
  Json json = mark_json(wamid, mark);
  auto posted = co_await shared.parts.post_mark(std::move(target->channel), std::move(json));
  if (!posted) co_return fail(told(std::move(posted).error()));
  co_return ok({{"ok", true}, {"wamid", wamid}});
}

awaitable<Result<Response>> read(Shared& shared, Call call) {
  co_return co_await mark(shared, std::move(call), Mark::Read);
}
awaitable<Result<Response>> typing(Shared& shared, Call call) {
  co_return co_await mark(shared, std::move(call), Mark::Typing);
}

}  // namespace

void add_mark_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"POST", "/api/conversations/{id}/read", read},
                  {"POST", "/api/conversations/{id}/typing", typing},
              });
}

}  // namespace waypost::api
