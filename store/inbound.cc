#include "store/inbound.h"

#include "base/check.h"
#include "base/text.h"
#include "conversation/message_kind.h"
#include "conversation/window.h"
#include "store/locks.h"
#include "store/seen.h"
#include "store/triggers.h"

namespace waypost::store {
namespace {

constexpr std::size_t kPreviewCharacters = 200;

// The conversation as the message found it, with the place it got.
struct Place {
  ConversationId conversation{};
  std::int64_t seq = 0;
  std::string status{};
};

// What the message does to the window: `opens` by its kind, `answers` when that window is still open: then the claim is
// over and held messages may go.
struct Effect {
  bool opens = false;
  bool answers = false;
};

Effect effect_of(const Message& message, Time now) {
  const bool opens = opens_window(message.type);
  return {.opens = opens, .answers = opens && now < window_end(message.happened_at)};
}

// Meta's time only moves the window forwards: a late message never shortens it.
std::optional<Place> take_place(sql::Connection& connection, const Message& message, Effect effect, Time now) {
  const auto preview = message.text ? std::optional(first_characters(*message.text, kPreviewCharacters)) : std::nullopt;
  const auto rows = connection.run(
      "UPDATE conversation SET next_seq = next_seq + 1, "
      "last_message_text = CASE WHEN next_seq = 1 OR last_message_at <= $4 THEN $5 ELSE last_message_text END, "
      "last_message_at = CASE WHEN next_seq = 1 OR last_message_at <= $4 THEN $4 ELSE last_message_at END, "
      "last_inbound_at = CASE WHEN $6 AND (last_inbound_at IS NULL OR last_inbound_at < $4) THEN $4 "
      "ELSE last_inbound_at END, "
      "window_version = CASE WHEN ($6 AND (window_expires_at IS NULL OR window_expires_at < $7)) OR "
      "($8 AND claim_message_id IS NOT NULL) THEN window_version + 1 ELSE window_version END, "
      "window_expires_at = CASE WHEN $6 AND (window_expires_at IS NULL OR window_expires_at < $7) THEN $7 "
      "ELSE window_expires_at END, "
      "claim_message_id = CASE WHEN $8 THEN NULL ELSE claim_message_id END, "
      "claimed_at = CASE WHEN $8 THEN NULL ELSE claimed_at END, updated_at = $9 "
      "WHERE tenant_id = $1 AND contact_id = $2 AND channel_id = $3 AND merged_into IS NULL "
      "RETURNING id, next_seq - 1, status",
      {message.tenant, message.contact, message.channel, message.happened_at, preview, effect.opens,
       window_end(message.happened_at), effect.answers, now});
  if (rows.empty()) return std::nullopt;
  return Place{.conversation = rows.front().id<ConversationId>(0),
               .seq = rows.front().number(1),
               .status = rows.front().text(2)};
}

Place place_of(sql::Connection& connection, const Message& message, Effect effect, Time now) {
  if (auto place = take_place(connection, message, effect, now)) return *std::move(place);
  open_conversation(connection, message.tenant, message.contact, message.channel, now);
  auto place = take_place(connection, message, effect, now);
  if (!place) run_again("a conversation was merged or erased by another transaction");
  return *std::move(place);
}

// A closed conversation is open again when the customer writes; one in a person's hands stays there.
void reopen(sql::Connection& connection, const Message& message, Time now) {
  auto conversation = find_conversation(connection, message.tenant, message.conversation);
  WAYPOST_CHECK(conversation.has_value());
  conversation->status = "open";
  update_conversation(connection, *conversation, now);
}

// With their old sequence. The index of pending messages is partial: its condition must stand here word for word.
bool release_held(sql::Connection& connection, const Message& message, Time now) {
  const auto rows = connection.run(
      "UPDATE message SET state = 'queued', due_at = CASE WHEN due_at = $4 THEN due_at ELSE $3 END, updated_at = $3 "
      "WHERE tenant_id = $1 AND conversation_id = $2 AND state IN ('queued', 'sending', 'unknown', 'held') AND state = "
      "'held' RETURNING id",
      {message.tenant, message.conversation, now, kHeldAfterRestore});
  for (const auto row : rows) {
    const auto released = find_message(connection, message.tenant, row.id<MessageId>(0));
    if (released) tell_state(connection, *released, now);
  }
  return !rows.empty();
}

bool wants_run(const Message& message, const Place& place, const Recognised& person) {
  return starts_runs(message.type) && place.status != "handoff" && !person.opted_out;
}

}  // namespace

Received receive_message(sql::Connection& connection, const Inbound& inbound, Time now) {
  Message message = inbound.message;
  WAYPOST_CHECK(message.wamid.has_value());
  if (!first_seen(connection, {message.tenant, inbound.phone_number_id, *message.wamid}, now)) return {};
  auto person = recognise(connection, inbound, now);
  const auto effect = effect_of(message, now);
  message.contact = person.contact;
  const auto place = place_of(connection, message, effect, now);
  message.id = MessageId::make(now);
  message.conversation = place.conversation;
  message.seq = place.seq;
  message.created_at = message.updated_at = now;
  insert_message(connection, message);
  if (effect.opens && place.status == "closed") reopen(connection, message, now);
  Received received{.fresh = true, .runs = person.touched, .sends = std::move(person.touched)};
  if (wants_run(message, place, person)) {
    insert_trigger(connection, {.tenant = message.tenant,
                                .conversation = message.conversation,
                                .seq = message.seq,
                                .message = message.id,
                                .created_at = now});
    received.runs.push_back(message.conversation);
  }
  if (effect.answers && release_held(connection, message, now)) received.sends.push_back(message.conversation);
  tell_state(connection, message, now);
  return received;
}

}  // namespace waypost::store
