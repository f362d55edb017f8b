#include "store/elsewhere.h"

#include <algorithm>

#include "store/locks.h"
#include "store/tenants.h"

namespace waypost::store {
namespace {

// Minutes, in settings.<setting>.<key>.
struct PauseSetting {
  std::string_view setting;
  std::string_view key;
  std::chrono::minutes usual;
};
constexpr PauseSetting kOfEcho{.setting = "coexistence", .key = "echoPauseMinutes", .usual = kEchoPause};
constexpr PauseSetting kOfAgent{.setting = "automation", .key = "agentPauseMinutes", .usual = kAgentPause};

std::chrono::minutes pause_of(sql::Connection& connection, TenantId id, const PauseSetting& of) {
  const auto tenant = find_tenant(connection, id);
  const Json* rules = tenant ? find_object(tenant->settings, of.setting) : nullptr;
  const auto minutes = rules ? find_integer(*rules, of.key) : std::nullopt;
  return minutes ? std::chrono::minutes(*minutes) : of.usual;
}

// A longer pause stays.
void pause(sql::Connection& connection, const Message& theirs, std::chrono::minutes length, Time now) {
  const Time until = theirs.happened_at + length;
  if (length.count() <= 0 || until <= now) return;
  auto conversation = find_conversation(connection, theirs.tenant, theirs.conversation, Lock::UntilCommit);
  if (!conversation || conversation->automation_paused_until >= until) return;
  conversation->automation_paused_until = until;
  update_conversation(connection, *conversation, now);
}

struct OwnerWord {
  std::optional<std::string> owner{};  // nothing: we are
  Time at{};
};

// What stands is what was said last, whatever comes first: by such a word, or by a message that came to us.
void set_owner(sql::Connection& connection, Conversation conversation, OwnerWord said, Time now) {
  if (conversation.thread_said_at && *conversation.thread_said_at > said.at) return;
  if (said.owner) {
    if (const auto later = came_to_us_since(connection, conversation, said.at)) said = {.at = *later};
  }
  connection.run("UPDATE conversation SET thread_said_at = $3 WHERE tenant_id = $1 AND id = $2",
                 {conversation.tenant, conversation.id, said.at});
  if (conversation.thread_owner == said.owner) return;
  conversation.thread_owner = std::move(said.owner);
  update_conversation(connection, conversation, now);
}

}  // namespace

std::optional<Time> came_to_us_since(sql::Connection& connection, const Conversation& conversation, Time at) {
  return connection
      .run(
          "SELECT max(happened_at) FROM message WHERE tenant_id = $1 AND conversation_id = $2 AND happened_at > $3 AND "
          "direction = 'in' AND via IS NULL",
          {conversation.tenant, conversation.id, at})
      .front()
      .maybe_time(0);
}

void pause_automation(sql::Connection& connection, const Message& echo, Time now) {
  pause(connection, echo, pause_of(connection, echo.tenant, kOfEcho), now);
}

void pause_for_agent(sql::Connection& connection, const Message& sent, Time now) {
  if (sent.author != "user") return;
  pause(connection, sent, pause_of(connection, sent.tenant, kOfAgent), now);
}

void note_owner(sql::Connection& connection, const Message& message, const Place& place, Time now) {
  const bool says_other = message.via == MessageVia::Standby;
  const bool says_ours = message.via == MessageVia::Own && place.is_elsewhere;
  if (message.outbound || !(says_other || says_ours)) return;
  auto conversation = find_conversation(connection, message.tenant, message.conversation, Lock::UntilCommit);
  if (!conversation) return;
  auto owner = says_other ? std::optional(std::string(kAnotherApp)) : std::nullopt;
  // A handover may have named the other app.
  if (says_other && conversation->thread_owner) owner = conversation->thread_owner;
  set_owner(connection, *std::move(conversation), {.owner = std::move(owner), .at = message.happened_at}, now);
}

std::vector<ConversationId> apply_handover(sql::Connection& connection, const Channel& channel,
                                           const Handover& handover, Time now) {
  const auto person = recognise(connection, {.sender = handover.person, .message = {.tenant = channel.tenant}}, now);
  const auto opened = open_conversation(connection, channel.tenant, person.contact, channel.id, now);
  auto conversation = find_conversation(connection, channel.tenant, opened.id, Lock::UntilCommit);
  if (!conversation) run_again("a conversation was erased by another transaction");
  set_owner(connection, *std::move(conversation), {.owner = handover.owner, .at = handover.at}, now);
  return person.touched;
}

std::optional<Message> fill_placeholder(sql::Connection& connection, const Inbound& inbound, Time now) {
  const Message& whole = inbound.message;
  if (whole.type == "media_placeholder") return std::nullopt;
  const auto rows = connection.run(
      "UPDATE message SET type = $4, text = $5, content = $6, updated_at = $7 WHERE tenant_id = $1 AND channel_id = $2 "
      "AND wamid = $3 AND type = 'media_placeholder' RETURNING id",
      {whole.tenant, whole.channel, whole.wamid, whole.type, whole.text, whole.prepared.content, now});
  if (rows.empty()) return std::nullopt;
  return find_message(connection, whole.tenant, rows.front().id<MessageId>(0));
}

std::vector<ConversationId> apply_book_entry(sql::Connection& connection, TenantId tenant, const BookEntry& entry,
                                             Time now) {
  const auto person = recognise(connection, {.sender = entry.person, .message = {.tenant = tenant}}, now);
  auto contact = lock_contact(connection, tenant, person.contact);
  if (!contact) run_again("a contact was erased by another transaction");
  if (contact->book_said_at && *contact->book_said_at > entry.at) return person.touched;
  contact->book_name = entry.name;
  contact->book_said_at = entry.at;
  update_contact(connection, *contact, now);
  return person.touched;
}

}  // namespace waypost::store
