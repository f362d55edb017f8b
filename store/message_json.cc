#include "store/message_json.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/json_members.h"
#include "conversation/message_kind.h"

namespace waypost::store {
namespace {

Json failure_json(const std::optional<Failure>& failure) {
  if (!failure) return {};
  return {{"reason", failure->reason},
          {"code", failure->code ? Json(*failure->code) : Json()},
          {"message", failure->words},
          {"advice", advice_of(failure->reason)}};
}

// What the message says by itself.
template <class Object>
void put_own(Object& object, const Message& message) {
  using Name = std::optional<std::string_view>;
  object.put("direction", message.outbound ? "outbound" : "inbound");
  object.put("type", message.outbound ? std::string_view(message.type) : shown_kind(message.type));
  object.put("text", message.text);
  object.put("body", message.text);
  object.put("wamid", message.wamid);
  object.put("replyTo", message.reply_to);
  object.put("author", message.author);
  object.put("via", message.via == MessageVia::Own ? Name() : Name(name_of(message.via)));
  object.put("timestamp", message.happened_at);
}

// What its place and its way make of it.
template <class Object>
void put_place(Object& object, const Message& message) {
  object.put("id", message.id);
  object.put("conversationId", message.conversation);
  object.put("channelId", message.channel);
  object.put("contactId", message.contact);
  object.put("participantId", message.participant);
  object.put("seq", message.seq);
  object.put("status", name_of(message.state));
  object.put("createdAt", message.created_at);
  object.put("updatedAt", message.updated_at);
}

template <class Object>
void put_sending(Object& object, const Message& message) {
  object.put("authorUserId", message.author_id);
  object.put("outsideWindow", message.policy ? std::optional(name_of(*message.policy)) : std::nullopt);
  object.put("runId", message.run);
  object.put("nodeId", message.node_id);
  object.put("externalId", message.external_id);
  object.put("partOf", message.part_of);
  object.put("attempt", message.attempt);
  object.put("replaces", message.replaces);
  object.put("replacedBy", message.replaced_by);
  object.put_json("failure", failure_json(message.failure));
  object.put_json("pricing", message.pricing);
  object.put("expiresAt", message.expires_at);
  object.put("acceptedAt", message.accepted_at);
  object.put("sentAt", message.sent_at);
  object.put("deliveredAt", message.delivered_at);
  object.put("readAt", message.read_at);
  object.put("failedAt", message.failed_at);
}

template <class Object>
void put_way(Object& object, const Message& message) {
  put_place(object, message);
  if (message.outbound) put_sending(object, message);
}

}  // namespace

Json to_json(const Message& message) {
  JsonObject object;
  put_own(object, message);
  put_way(object, message);
  object.put_json("content", message.content);
  return object.take();
}

std::string own_text(const Message& message) {
  JsonMembers members;
  put_own(members, message);
  return members.take();
}

std::string content_text_of(const Message& message) {
  return message.prepared.content.empty() ? dump(message.content) : message.prepared.content;
}

std::string payload_of(const Message& message) {
  JsonMembers way;
  put_way(way, message);
  std::string text = R"({"message":{"content":)" + content_text_of(message);
  text += ',';
  text += message.prepared.own.empty() ? own_text(message) : message.prepared.own;
  text += ',';
  text += way.take();
  return text += "}}";
}

}  // namespace waypost::store
