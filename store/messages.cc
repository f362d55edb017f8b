#include "store/messages.h"

#include "base/check.h"
#include "base/text.h"
#include "store/events.h"
#include "store/locks.h"
#include "store/message_json.h"

namespace waypost::store {
namespace {

constexpr std::size_t kPreviewCharacters = 200;

const std::string& select_messages() {
  static const std::string kText =
      "SELECT tenant_id, id, conversation_id, seq, channel_id, contact_id, direction, type, text, content, state, "
      "wamid, "
      "happened_at, reply_to, author, author_id, stream, policy, run_id, node_id, broadcast_id, external_id, due_at, "
      "expires_at, attempt, failures, attempt_at, replaces, replaced_by, failure_reason, failure_code, failure_words, "
      "exchange, accepted_at, sent_at, delivered_at, read_at, failed_at, created_at, updated_at, via, participant_id, "
      "pricing, heard, received_at, journal_id, part_of FROM message ";
  return kText;
}

std::optional<Failure> read_failure(const sql::Row& row) {
  if (row.is_null(29)) return std::nullopt;
  return Failure{.reason = row.text(29), .code = row.maybe_number(30), .words = row.maybe_text(31).value_or("")};
}

Message read_message(const sql::Row& row) {
  const auto state = message_state(row.text(10));
  WAYPOST_CHECK(state.has_value());
  const auto policy = row.maybe_text(17);
  const auto via = row.maybe_text(40);
  return {.tenant = row.id<TenantId>(0),
          .id = row.id<MessageId>(1),
          .conversation = row.id<ConversationId>(2),
          .seq = row.number(3),
          .channel = row.id<ChannelId>(4),
          .contact = row.id<ContactId>(5),
          .outbound = row.text(6) == "out",
          .type = row.text(7),
          .text = row.maybe_text(8),
          .content = row.json(9),
          .state = *state,
          .wamid = row.maybe_text(11),
          .happened_at = row.time(12),
          .reply_to = row.maybe_text(13),
          .author = row.text(14),
          .via = via ? message_via(*via).value_or(MessageVia::Own) : MessageVia::Own,
          .participant = row.maybe_id<ContactId>(41),
          .author_id = row.maybe_id<UserId>(15),
          .stream = row.maybe_text(16).value_or("reply"),
          .policy = policy ? window_policy(*policy) : std::nullopt,
          .run = row.maybe_id<RunId>(18),
          .node_id = row.maybe_text(19),
          .broadcast = row.maybe_id<BroadcastId>(20),
          .external_id = row.maybe_text(21),
          .part_of = row.maybe_id<MessageId>(46),
          .due_at = row.maybe_time(22),
          .expires_at = row.maybe_time(23),
          .attempt = row.number(24),
          .failures = row.number(25),
          .attempt_at = row.maybe_time(26),
          .replaces = row.maybe_id<MessageId>(27),
          .replaced_by = row.maybe_id<MessageId>(28),
          .failure = read_failure(row),
          .exchange = row.is_null(32) ? Json() : row.json(32),
          .pricing = row.is_null(42) ? Json() : row.json(42),
          .heard = row.is_null(43) ? Json() : row.json(43),
          .received_at = row.maybe_time(44),
          .journal = row.maybe_id<JournalId>(45),
          .accepted_at = row.maybe_time(33),
          .sent_at = row.maybe_time(34),
          .delivered_at = row.maybe_time(35),
          .read_at = row.maybe_time(36),
          .failed_at = row.maybe_time(37),
          .created_at = row.time(38),
          .updated_at = row.time(39)};
}

std::optional<Message> read_one(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_message(rows.front());
}

std::vector<Message> read_all(const sql::Rows& rows) {
  std::vector<Message> messages;
  messages.reserve(rows.size());
  for (const auto row : rows) messages.push_back(read_message(row));
  return messages;
}

void tell(sql::Connection& connection, const Message& message, std::string_view type, Time now) {
  const std::string payload = payload_of(message);
  append_event(connection, message.tenant, {.type = type, .conversation = message.conversation, .payload = payload},
               now);
}

}  // namespace

std::optional<Message> find_message(sql::Connection& connection, TenantId tenant, MessageId id, Lock lock) {
  static const LockableText kText(select_messages() + "WHERE tenant_id = $1 AND id = $2");
  return read_one(connection.run(kText.of(connection.engine(), lock), {tenant, id}));
}

std::optional<Message> message_of_wamid(sql::Connection& connection, TenantId tenant, ChannelId channel,
                                        std::string_view wamid) {
  static const std::string kText =
      select_messages() +
      "WHERE tenant_id = $1 AND channel_id = $2 AND wamid = $3 AND direction = 'out' AND wamid IS NOT NULL";
  return read_one(connection.run(kText, {tenant, channel, wamid}));
}

std::optional<Message> message_of_external(sql::Connection& connection, TenantId tenant, ChannelId channel,
                                           std::string_view external_id) {
  static const std::string kText =
      select_messages() +
      "WHERE tenant_id = $1 AND channel_id = $2 AND external_id = $3 AND direction = 'out' AND external_id IS NOT NULL";
  return read_one(connection.run(kText, {tenant, channel, external_id}));
}

std::vector<Message> later_parts(sql::Connection& connection, TenantId tenant, MessageId first) {
  static const std::string kText =
      select_messages() + "WHERE tenant_id = $1 AND part_of = $2 AND part_of IS NOT NULL ORDER BY seq";
  return read_all(connection.run(kText, {tenant, first}));
}

std::optional<Message> newest_inbound(sql::Connection& connection, TenantId tenant, ConversationId conversation) {
  static const std::string kText =
      select_messages() +
      "WHERE tenant_id = $1 AND conversation_id = $2 AND direction = 'in' AND wamid IS NOT NULL AND via IS NULL "
      "ORDER BY happened_at DESC, seq DESC LIMIT 1";
  return read_one(connection.run(kText, {tenant, conversation}));
}

bool is_first_inbound(sql::Connection& connection, const Message& message) {
  return connection
      .run(
          "SELECT 1 FROM message WHERE tenant_id = $1 AND conversation_id = $2 AND direction = 'in' AND seq < $3 ORDER "
          "BY happened_at LIMIT 1",
          {message.tenant, message.conversation, message.seq})
      .empty();
}

std::vector<Message> list_messages(sql::Connection& connection, TenantId tenant, ConversationId conversation,
                                   const Page& page) {
  static const std::string kText =
      select_messages() +
      "WHERE tenant_id = $1 AND conversation_id = $2 ORDER BY happened_at DESC, seq DESC LIMIT $3 OFFSET $4";
  return read_all(connection.run(kText, {tenant, conversation, page.limit, page.offset}));
}

std::vector<Message> pending_messages(sql::Connection& connection, TenantId tenant, ConversationId conversation,
                                      std::string_view stream, std::size_t most) {
  static const std::string kText = select_messages() +
                                   "WHERE tenant_id = $1 AND conversation_id = $2 AND stream = $3 AND (state = "
                                   "'queued' OR state = 'sending' OR state = 'unknown' OR state = 'held') "
                                   "ORDER BY seq LIMIT $4";
  return read_all(connection.run(kText, {tenant, conversation, stream, static_cast<std::int64_t>(most)}));
}

void insert_message(sql::Connection& connection, const Message& message) {
  const auto policy = message.policy ? std::optional(name_of(*message.policy)) : std::nullopt;
  const auto stream = message.outbound ? std::optional<std::string_view>(message.stream) : std::nullopt;
  const auto via = message.via == MessageVia::Own ? std::nullopt : std::optional(name_of(message.via));
  static const sql::Insertion kInto(
      "message",
      "tenant_id, id, conversation_id, seq, channel_id, contact_id, direction, type, text, content, state, wamid, "
      "happened_at, reply_to, author, author_id, stream, policy, run_id, node_id, broadcast_id, external_id, due_at, "
      "expires_at, attempt, failures, replaces, created_at, updated_at, via, participant_id, received_at, journal_id, "
      "part_of");
  connection.insert(kInto, {message.tenant,
                            message.id,
                            message.conversation,
                            message.seq,
                            message.channel,
                            message.contact,
                            message.outbound ? "out" : "in",
                            message.type,
                            message.text,
                            content_text_of(message),
                            name_of(message.state),
                            message.wamid,
                            message.happened_at,
                            message.reply_to,
                            message.author,
                            message.author_id,
                            stream,
                            policy,
                            message.run,
                            message.node_id,
                            message.broadcast,
                            message.external_id,
                            message.due_at,
                            message.expires_at,
                            0,
                            0,
                            message.replaces,
                            message.created_at,
                            message.created_at,
                            via,
                            message.participant,
                            message.received_at,
                            message.journal,
                            message.part_of});
}

Message queue_message(sql::Connection& connection, const Conversation& conversation, Message message, Time now) {
  const auto preview = message.text ? std::optional(first_characters(*message.text, kPreviewCharacters)) : std::nullopt;
  const auto rows = connection.run(
      "UPDATE conversation SET next_seq = next_seq + 1, "
      "last_message_at = CASE WHEN last_message_at < $3 THEN $3 ELSE last_message_at END, last_message_text = $4, "
      "updated_at = $3, may_hold = may_hold OR $5 WHERE tenant_id = $1 AND id = $2 AND merged_into IS NULL "
      "RETURNING next_seq - 1",
      {conversation.tenant, conversation.id, now, preview, message.state == MessageState::Held});
  if (rows.empty()) run_again("a conversation was merged or erased by another transaction");
  message.tenant = conversation.tenant;
  message.id = MessageId::make(now);
  message.conversation = conversation.id;
  message.seq = rows.front().number(0);
  message.channel = conversation.channel;
  message.contact = conversation.contact;
  message.outbound = true;
  if (message.state != MessageState::Held) message.state = MessageState::Queued;
  message.happened_at = message.created_at = message.updated_at = now;
  if (!message.due_at) message.due_at = now;
  insert_message(connection, message);
  tell_state(connection, message, now);
  return message;
}

void tell_state(sql::Connection& connection, const Message& message, Time now) {
  tell(connection, message, "message." + std::string(name_of(message.state)), now);
}

void tell_arrival(sql::Connection& connection, const Message& message, Time now) {
  const auto type = arrival_event(message.via);
  if (type.empty()) return tell_state(connection, message, now);
  tell(connection, message, type, now);
}

}  // namespace waypost::store
