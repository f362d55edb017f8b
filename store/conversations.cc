#include "store/conversations.h"

#include "base/or_null.h"
#include "store/counters.h"
#include "store/events.h"
#include "store/locks.h"

namespace waypost::store {
namespace {

constexpr int kMostMerges = 8;  // followed from an old id to the conversation that is left

const std::string& select_conversations() {
  static const std::string kText =
      "SELECT tenant_id, id, channel_id, contact_id, status, assigned_to, next_seq, last_message_at, "
      "last_message_text, "
      "last_inbound_at, window_expires_at, window_version, claim_message_id, claimed_at, may_hold, fields, "
      "merged_into, created_at, updated_at, window_opened_at, window_look_at, automation_paused_until, thread_owner, "
      "thread_said_at, referral FROM conversation ";
  return kText;
}

Conversation read_conversation(const sql::Row& row) {
  return {.tenant = row.id<TenantId>(0),
          .id = row.id<ConversationId>(1),
          .channel = row.id<ChannelId>(2),
          .contact = row.id<ContactId>(3),
          .status = row.text(4),
          .assigned_to = row.maybe_id<UserId>(5),
          .next_seq = row.number(6),
          .last_message_at = row.time(7),
          .last_message_text = row.maybe_text(8),
          .last_inbound_at = row.maybe_time(9),
          .window_opened_at = row.maybe_time(19),
          .window_expires_at = row.maybe_time(10),
          .window_look_at = row.maybe_time(20),
          .window_version = row.number(11),
          .claim = row.maybe_id<MessageId>(12),
          .claimed_at = row.maybe_time(13),
          .may_hold = row.boolean(14),
          .automation_paused_until = row.maybe_time(21),
          .thread_owner = row.maybe_text(22),
          .thread_said_at = row.maybe_time(23),
          .referral = row.is_null(24) ? Json() : row.json(24),
          .fields = row.json(15),
          .merged_into = row.maybe_id<ConversationId>(16),
          .created_at = row.time(17),
          .updated_at = row.time(18)};
}

std::optional<Conversation> read_one(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_conversation(rows.front());
}

void tell(sql::Connection& connection, std::string_view type, const Conversation& conversation, Time now) {
  const std::string payload = dump({{"conversation", to_json(conversation)}});
  append_event(connection, conversation.tenant, {.type = type, .conversation = conversation.id, .payload = payload},
               now);
}

}  // namespace

Json to_json(const Conversation& conversation) {
  return {{"id", conversation.id.text()},
          {"channelId", conversation.channel.text()},
          {"contactId", conversation.contact.text()},
          {"status", conversation.status},
          {"assignedToUserId", conversation.assigned_to ? Json(conversation.assigned_to->text()) : Json()},
          {"lastMessageAt", iso8601(conversation.last_message_at)},
          {"lastMessageText", conversation.last_message_text ? Json(*conversation.last_message_text) : Json()},
          {"lastInboundAt", or_null(conversation.last_inbound_at)},
          {"windowExpiresAt", or_null(conversation.window_expires_at)},
          {"automationPausedUntil", or_null(conversation.automation_paused_until)},
          {"threadOwner", conversation.thread_owner ? Json(*conversation.thread_owner) : Json()},
          {"referral", conversation.referral},
          {"fields", conversation.fields},
          {"mergedInto", conversation.merged_into ? Json(conversation.merged_into->text()) : Json()},
          {"createdAt", iso8601(conversation.created_at)},
          {"updatedAt", iso8601(conversation.updated_at)}};
}

std::optional<Conversation> find_conversation(sql::Connection& connection, TenantId tenant, ConversationId id,
                                              Lock lock) {
  static const LockableText kText(select_conversations() + "WHERE tenant_id = $1 AND id = $2");
  return read_one(connection.run(kText.of(connection.engine(), lock), {tenant, id}));
}

std::optional<Conversation> surviving_conversation(sql::Connection& connection, TenantId tenant, ConversationId id) {
  auto conversation = find_conversation(connection, tenant, id);
  for (int merges = 0; conversation && conversation->merged_into && merges < kMostMerges; ++merges)
    conversation = find_conversation(connection, tenant, *conversation->merged_into);
  return conversation;
}

std::optional<Conversation> conversation_of(sql::Connection& connection, TenantId tenant, ContactId contact,
                                            ChannelId channel) {
  static const std::string kText =
      select_conversations() + "WHERE tenant_id = $1 AND contact_id = $2 AND channel_id = $3 AND merged_into IS NULL";
  return read_one(connection.run(kText, {tenant, contact, channel}));
}

std::vector<Conversation> lock_conversations_of(sql::Connection& connection, TenantId tenant, ContactId one,
                                                ContactId other) {
  static const LockableText kText(
      select_conversations() + "WHERE tenant_id = $1 AND contact_id IN ($2, $3) AND merged_into IS NULL ORDER BY id");
  std::vector<Conversation> conversations;
  for (const auto row : connection.run(kText.of(connection.engine(), Lock::UntilCommit), {tenant, one, other}))
    conversations.push_back(read_conversation(row));
  return conversations;
}

Conversation open_conversation(sql::Connection& connection, TenantId tenant, ContactId contact, ChannelId channel,
                               Time now) {
  const auto owner = find_contact(connection, tenant, contact, Lock::UntilCommit);
  if (!owner || owner->merged_into) run_again("a contact was merged or erased by another transaction");
  if (auto known = conversation_of(connection, tenant, contact, channel)) return *std::move(known);
  const Conversation fresh{.tenant = tenant,
                           .id = ConversationId::make(now),
                           .channel = channel,
                           .contact = contact,
                           .last_message_at = now,
                           .created_at = now,
                           .updated_at = now};
  const auto rows = connection.run(
      "INSERT INTO conversation (tenant_id, id, channel_id, contact_id, status, next_seq, last_message_at, "
      "window_version, may_hold, fields, created_at, updated_at) VALUES ($1, $2, $3, $4, 'open', 1, $5, 0, $7, $6, "
      "$5, $5) "
      "ON CONFLICT (tenant_id, contact_id, channel_id) WHERE merged_into IS NULL DO NOTHING RETURNING id",
      {tenant, fresh.id, channel, contact, now, sql::JsonText{"{}"}, false});
  if (rows.empty()) {
    auto known = conversation_of(connection, tenant, contact, channel);
    if (!known) run_again("a conversation was opened by another transaction");
    return *std::move(known);
  }
  count(connection, tenant, "conversations", 1);
  tell(connection, "conversation.created", fresh, now);
  return fresh;
}

std::vector<Conversation> list_conversations(sql::Connection& connection, TenantId tenant, const Page& page) {
  static const std::string kText =
      select_conversations() +
      "WHERE tenant_id = $1 AND merged_into IS NULL ORDER BY last_message_at DESC, id DESC LIMIT $2 OFFSET $3";
  std::vector<Conversation> conversations;
  for (const auto row : connection.run(kText, {tenant, page.limit, page.offset}))
    conversations.push_back(read_conversation(row));
  return conversations;
}

std::vector<Conversation> list_conversations(sql::Connection& connection, TenantId tenant, std::string_view status,
                                             const Page& page) {
  static const std::string kText = select_conversations() +
                                   "WHERE tenant_id = $1 AND merged_into IS NULL AND status = $2 "
                                   "ORDER BY last_message_at DESC, id DESC LIMIT $3 OFFSET $4";
  std::vector<Conversation> conversations;
  for (const auto row : connection.run(kText, {tenant, status, page.limit, page.offset}))
    conversations.push_back(read_conversation(row));
  return conversations;
}

std::int64_t count_conversations(sql::Connection& connection, TenantId tenant, std::string_view status,
                                 std::int64_t most) {
  return connection
      .run(
          "SELECT count(*) FROM (SELECT id FROM conversation WHERE tenant_id = $1 AND merged_into IS NULL AND status = "
          "$2 LIMIT $3) AS counted",
          {tenant, status, most})
      .front()
      .number(0);
}

bool update_conversation(sql::Connection& connection, const Conversation& conversation, Time now) {
  const auto rows = connection.run(
      "UPDATE conversation SET status = $3, assigned_to = $4, fields = $5, updated_at = $6, automation_paused_until = "
      "$7, thread_owner = $8 WHERE tenant_id = $1 AND id = $2",
      {conversation.tenant, conversation.id, conversation.status, conversation.assigned_to,
       sql::JsonText{dump(conversation.fields)}, now, conversation.automation_paused_until, conversation.thread_owner});
  if (rows.changed() == 0) return false;
  Conversation shown = conversation;
  shown.updated_at = now;
  tell(connection, "conversation.updated", shown, now);
  return true;
}

}  // namespace waypost::store
