#include "api/send_order.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "api/answers.h"
#include "api/destination_rows.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/elsewhere.h"
#include "store/locks.h"
#include "store/message_json.h"
#include "store/uploads.h"

namespace waypost::api {
namespace {

// The wamid of a message of ours or of the customer's in this conversation.
Result<std::string> wamid_of(sql::Connection& connection, const store::Conversation& conversation, MessageId id,
                             const std::string& path) {
  const auto message = store::find_message(connection, conversation.tenant, id);
  if (!message || message->conversation != conversation.id)
    return invalid(path, "No such message in this conversation");
  if (!message->wamid) return invalid(path, "This message has not reached WhatsApp");
  return *message->wamid;
}

Result<ConversationId> conversation_of(sql::Connection& connection, const SendOrder& order) {
  if (const auto* id = std::get_if<ConversationId>(&order.to)) return *id;
  return open_conversation_with(connection, order.tenant, std::get<Person>(order.to), order.now);
}

// Nothing when the externalId is new. Conflict when another conversation has used it.
Result<std::optional<store::Message>> sent_before(sql::Connection& connection, const SendOrder& order,
                                                  const store::Conversation& conversation) {
  const auto external = order.outgoing.external_id();
  if (!external) return std::nullopt;
  auto earlier = store::message_of_external(connection, order.tenant, conversation.channel, *external);
  if (earlier && earlier->conversation != conversation.id)
    return fail(ErrorKind::Conflict, "another conversation has a message with this externalId");
  return earlier;
}

Json shown(const store::Message& first, const std::vector<store::Message>& later) {
  Json json = store::to_json(first);
  if (later.empty()) return json;
  Json parts = Json::array({json});
  for (const auto& part : later) parts.push_back(store::to_json(part));
  json["parts"] = std::move(parts);
  return json;
}

// With what it answers and is about, by Meta's ids.
Result<std::vector<store::Message>> completed(sql::Connection& connection, const SendOrder& order,
                                              const store::Conversation& conversation) {
  const auto& outgoing = order.outgoing;
  auto messages = outgoing.messages;
  if (outgoing.answers) {
    auto wamid = wamid_of(connection, conversation, *outgoing.answers, "replyTo");
    if (!wamid) return fail(std::move(wamid).error());
    messages.front().reply_to = *std::move(wamid);
  }
  if (outgoing.about) {
    auto wamid = wamid_of(connection, conversation, *outgoing.about, outgoing.about_path);
    if (!wamid) return fail(std::move(wamid).error());
    messages.front().content["message_id"] = *std::move(wamid);
  }
  return messages;
}

Error with_window(Error error, const store::Conversation& conversation) {
  if (error.code() != kWindowClosed) return error;
  const auto& end = conversation.window_expires_at;
  return std::move(error).with_field(std::string(kWindowEnd), end ? iso8601(*end) : "");
}

Result<void> take_files(sql::Connection& connection, const SendOrder& order) {
  std::vector<NamedUpload> named;
  for (const auto& file : order.outgoing.files) named.push_back(file.upload);
  std::vector<FieldError> faults;
  for (auto& unfit : store::unfit_uploads(connection, order.tenant, named)) {
    const auto file = std::ranges::find(order.outgoing.files, unfit.id,
                                        [](const Outgoing::File& one) -> const std::string& { return one.upload.id; });
    faults.push_back({file->path, std::move(unfit.words)});
  }
  if (!faults.empty()) return fail(Error(ErrorKind::InvalidInput, "Validation failed").with_fields(std::move(faults)));
  store::note_uploads_used(connection, order.tenant, named, order.now);
  return {};
}

Result<Sent> queue_all(sql::Connection& connection, const SendOrder& order, const store::Conversation& conversation) {
  if (auto taken = take_files(connection, order); !taken) return fail(std::move(taken).error());
  auto messages = completed(connection, order, conversation);
  if (!messages) return fail(std::move(messages).error());
  std::optional<store::Message> first;
  std::vector<store::Message> later;
  for (auto& message : *messages) {
    if (first) message.part_of = first->id;
    auto queued = store::accept_message(connection, conversation, std::move(message), order.rules, order.now);
    if (!queued) return fail(with_window(std::move(queued).error(), conversation));
    if (first) {
      later.push_back(*std::move(queued));
    } else {
      first = *std::move(queued);
    }
  }
  store::pause_for_agent(connection, *first, order.now);
  return Sent{.answer = {.status = 201, .body = dump(shown(*first, later))}, .queued = std::move(first)};
}

// Under the conversation's row: of two requests with one externalId the second sees what the first one queued.
Result<Sent> send(sql::Connection& connection, const SendOrder& order, ConversationId id) {
  const auto conversation = store::lock_surviving_conversation(connection, order.tenant, id);
  if (!conversation) return not_found();
  const auto earlier = sent_before(connection, order, *conversation);
  if (!earlier) return fail(earlier.error());
  auto sent = *earlier ? Sent{.answer = {.status = 200,
                                         .body = dump(shown(
                                             **earlier, store::later_parts(connection, order.tenant, (*earlier)->id)))}}
                       : queue_all(connection, order, *conversation);
  if (sent && order.key) store::keep_answer(connection, *order.key, conversation->id, sent->answer);
  return sent;
}

}  // namespace

Result<Sent> carry_out(sql::Connection& connection, const SendOrder& order) {
  if (order.key) {
    auto kept = store::claim_request(connection, *order.key, order.now);
    if (!kept) return fail(std::move(kept).error());
    if (*kept) return Sent{.answer = **std::move(kept), .replayed = true};
  }
  const auto id = conversation_of(connection, order);
  if (!id) return fail(id.error());
  return send(connection, order, *id);
}

}  // namespace waypost::api
