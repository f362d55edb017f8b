#include "store/sending.h"

#include <algorithm>
#include <string>
#include <utility>

#include "store/broadcasts.h"
#include "store/events.h"
#include "store/locks.h"
#include "store/marketing.h"
#include "store/message_marks.h"
#include "store/message_steps.h"
#include "store/portfolio.h"
#include "store/queue_pauses.h"
#include "store/statuses.h"

namespace waypost::store {
namespace {

// The states of the index message_pending, written out so that it is used. A row that is being sent is the head also
// when a held one with a lower number was released meanwhile.
constexpr std::string_view kHead =
    "SELECT COALESCE((SELECT id FROM message WHERE tenant_id = $1 AND conversation_id = $2 AND stream = $3 AND state = "
    "'sending' LIMIT 1), (SELECT id FROM message WHERE tenant_id = $1 AND conversation_id = $2 AND stream = $3 AND "
    "(state = 'queued' OR state = 'sending' OR state = 'unknown' OR state = 'held') AND state <> 'held' ORDER BY seq "
    "LIMIT 1))";
constexpr std::string_view kNextHeld =
    "SELECT id, expires_at FROM message WHERE tenant_id = $1 AND conversation_id = $2 AND stream = $3 AND (state = "
    "'queued' OR state = 'sending' OR state = 'unknown' OR state = 'held') AND state = 'held' AND expires_at IS NOT "
    "NULL ORDER BY expires_at LIMIT 1";

void read_held(sql::Connection& connection, const StreamKey& key, SendView& view, Time now) {
  if (!view.conversation.may_hold) return;
  const auto rows = connection.run(kNextHeld, {key.tenant, key.conversation, key.stream});
  if (rows.empty()) return;
  view.held_until = rows.front().time(1);
  if (*view.held_until <= now) view.lapsed = find_message(connection, key.tenant, rows.front().id<MessageId>(0));
}

bool goes_out(MessageState state) {
  return state != MessageState::Replaced && state != MessageState::Failed && state != MessageState::Held &&
         state != MessageState::Expired;
}

// The claim was cleared by the customer's message, which also released the text the fallback stood in for.
bool is_needless(sql::Connection& connection, const SendView& view) {
  const Message& head = *view.head;
  if (head.author != "fallback" || head.attempt > 0 || !head.replaces) return false;
  if (view.conversation.claim == head.id) return false;
  const auto original = find_message(connection, head.tenant, *head.replaces);
  return original && goes_out(original->state);
}

std::optional<MarketingBar> bar_of_head(sql::Connection& connection, const SendView& view, Time now) {
  if (!view.contact || !view.channel) return std::nullopt;
  const auto bar = marketing_bar(*view.contact, now);
  return bar && is_marketing(connection, *view.channel, *view.head) ? bar : std::nullopt;
}

// Later parts have higher numbers, so that all earlier ones have been tried when a part is the head.
bool is_behind_failed_part(sql::Connection& connection, const Message& head) {
  if (!head.part_of) return false;
  constexpr std::string_view kFailed = "state IN ('failed', 'expired')";
  static const std::string kText =
      "SELECT id FROM message WHERE tenant_id = $1 AND id = $2 AND " + std::string(kFailed) +
      " UNION ALL SELECT id FROM message WHERE tenant_id = $1 AND part_of = $2 AND part_of IS NOT NULL AND seq < $3 "
      "AND " +
      std::string(kFailed) + " LIMIT 1";
  return !connection.run(kText, {head.tenant, *head.part_of, head.seq}).empty();
}

// One that is gone sends no more.
std::optional<BroadcastStatus> status_of_broadcast(sql::Connection& connection, const Message& head) {
  if (!head.broadcast || head.author != kBroadcastAuthor) return std::nullopt;
  const auto broadcast = find_broadcast(connection, head.tenant, *head.broadcast);
  return broadcast ? broadcast->status : BroadcastStatus::Cancelled;
}

void read_head(sql::Connection& connection, const StreamKey& key, SendView& view, Time now) {
  const auto id = connection.run(kHead, {key.tenant, key.conversation, key.stream}).front().maybe_id<MessageId>(0);
  if (!id) return;
  view.head = find_message(connection, key.tenant, *id);
  if (!view.head) return;
  view.channel = find_channel(connection, key.tenant, view.head->channel);
  view.is_paused = is_channel_paused(connection, key.tenant, view.head->channel, WorkQueue::Sends);
  view.contact = find_contact(connection, key.tenant, view.head->contact);
  view.bar = bar_of_head(connection, view, now);
  view.is_behind_failed_part = is_behind_failed_part(connection, *view.head);
  view.broadcast = status_of_broadcast(connection, *view.head);
  view.is_head_needless = is_needless(connection, view);
  view.files = files_of(connection, *view.head, now);
}

Alias phone_alias(const std::string& wa_id) { return {.kind = AliasKind::Phone, .value = wa_id}; }

// Whom the receipt tells a number of, held, while nobody has that number.
std::optional<Contact> lock_unnumbered(sql::Connection& connection, const Message& row, const Receipt& receipt) {
  if (!receipt.wa_id || contact_of_alias(connection, row.tenant, phone_alias(*receipt.wa_id))) return std::nullopt;
  return lock_contact(connection, row.tenant, row.contact);
}

void remember_number(sql::Connection& connection, Contact contact, const std::string& wa_id, Time now) {
  const auto added = add_alias(connection, contact, phone_alias(wa_id), now);
  if (!added || !*added || contact.phone) return;
  contact.phone = wa_id;
  update_identity(connection, contact, now);
}

// A merge may have moved it since it was begun.
std::optional<Message> lock_in_its_conversation(sql::Connection& connection, const Message& begun) {
  const auto seen = find_message(connection, begun.tenant, begun.id);
  return seen ? lock_with_conversation(connection, *seen) : std::nullopt;
}

// A fallback's failure also ends its claim: the conversation is held before the message. Nothing when it is gone.
std::optional<Message> hold_for_failure(sql::Connection& connection, Message row) {
  if (row.author != "fallback") return row;
  const auto held = lock_in_its_conversation(connection, row);
  if (!held) return std::nullopt;
  row.conversation = held->conversation;
  row.contact = held->contact;
  row.seq = held->seq;
  return row;
}

std::optional<Message> if_undecided(std::optional<Message> row, const Message& begun) {
  if (!row || row->attempt != begun.attempt) return std::nullopt;
  if (row->state != MessageState::Sending && row->state != MessageState::Unknown) return std::nullopt;
  return row;
}

// The message's own trace is the last exchange's: those before it are kept beside it, the latest of them.
void keep_exchange(sql::Connection& connection, const Message& begun, Time now) {
  if (begun.exchange.is_null()) return;
  connection.run(
      "INSERT INTO message_exchange (tenant_id, message_id, attempt, started_at, ended_at, exchange) VALUES ($1, $2, "
      "$3, $4, $5, $6) ON CONFLICT (tenant_id, message_id, attempt) DO NOTHING",
      {begun.tenant, begun.id, begun.attempt, begun.attempt_at.value_or(now), now,
       sql::JsonText{dump(begun.exchange)}});
  connection.run("DELETE FROM message_exchange WHERE tenant_id = $1 AND message_id = $2 AND attempt <= $3",
                 {begun.tenant, begun.id, begun.attempt - kExchangesKept});
}

// Another row has the wamid only if Meta named two of our ids for one message: then the first keeps it.
bool is_free(sql::Connection& connection, const Message& row, const std::string& wamid) {
  const auto holder = message_of_wamid(connection, row.tenant, row.channel, wamid);
  return !holder || holder->id == row.id;
}

// Meta counts who is reached; nobody was.
void forget_attempt(sql::Connection& connection, const Message& row, Time now) {
  if (row.type == "template")
    forget_reached(connection, {.tenant = row.tenant, .contact = row.contact, .message = row.id}, now);
}

// A reaction of ours stands with the message it is on.
std::optional<MessageMark> mark_of_ours(const Message& message) {
  if (message.type != "reaction") return std::nullopt;
  return mark_of({{"type", message.type}, {message.type, message.content}});
}

// Meta's acceptance lifts a guess and whatever is not yet final; a status that came first stays.
Message accepted_row(const Message& row, std::optional<std::string> wamid, Time now) {
  Message next = row;
  if (wamid) next.wamid = std::move(wamid);
  if (!next.accepted_at) next.accepted_at = now;
  if (const auto state = climb(row.state, row.is_guess(), MetaWord::Accepted)) {
    next.state = *state;
    next.failure.reset();
    next.failed_at.reset();
    next.failures = 0;
  }
  return next;
}

}  // namespace

std::optional<SendView> read_sends(sql::Connection& connection, const StreamKey& key, Time now) {
  auto conversation = find_conversation(connection, key.tenant, key.conversation);
  if (!conversation) return std::nullopt;
  SendView view{.conversation = *std::move(conversation)};
  read_held(connection, key, view, now);
  read_head(connection, key, view, now);
  return view;
}

void keep_valid(sql::Connection& connection, const Message& head, Time until) {
  connection.run(
      "UPDATE message SET expires_at = $3 WHERE tenant_id = $1 AND id = $2 AND state = 'queued' AND expires_at < $3",
      {head.tenant, head.id, until});
}

std::optional<Message> begin_send(sql::Connection& connection, const Message& head, Time due_at, Time now) {
  const auto begun = connection.run(
      "UPDATE message SET state = 'sending', attempt = attempt + 1, attempt_at = $6, due_at = $7, updated_at = $6 "
      "WHERE tenant_id = $1 AND id = $2 AND conversation_id = $3 AND state = 'queued' AND attempt = $4 AND NOT EXISTS "
      "(SELECT 1 FROM message AS other WHERE other.tenant_id = $1 AND other.conversation_id = $3 AND other.stream = $5 "
      "AND (other.state = 'queued' OR other.state = 'sending' OR other.state = 'unknown' OR other.state = 'held') AND "
      "other.state <> 'held' AND "
      "(other.seq < message.seq OR other.state = 'sending'))",
      {head.tenant, head.id, head.conversation, head.attempt, head.stream, now, due_at});
  if (begun.changed() == 0) return std::nullopt;
  return find_message(connection, head.tenant, head.id);
}

bool put_off_send(sql::Connection& connection, const Message& head, const Refusal& refusal, Time now) {
  Message next = head;
  next.due_at = refusal.due_at;
  next.failures = refusal.failures;
  return move_message(connection, head, std::move(next), now);
}

std::optional<Message> undecided(sql::Connection& connection, const Message& begun) {
  if (begun.author != "fallback") return if_undecided(lock_message(connection, begun.tenant, begun.id), begun);
  return if_undecided(lock_in_its_conversation(connection, begun), begun);
}

bool take_back(sql::Connection& connection, const Message& begun, Time now) {
  const auto row = undecided(connection, begun);
  if (!row) return false;
  Message next = *row;
  next.state = MessageState::Queued;
  next.due_at = now;
  if (!move_message(connection, *row, std::move(next), now)) return false;
  forget_attempt(connection, *row, now);
  return true;
}

bool record_accepted(sql::Connection& connection, const Message& begun, const Receipt& receipt, Time now) {
  lock_status_key(connection, begun.channel, receipt.wamid);
  const auto failure = parked_failure(connection, begun, receipt.wamid);
  if (failure) heed_failure(connection, begun, *failure, now);
  auto contact = lock_unnumbered(connection, begun, receipt);
  const auto row =
      failure ? lock_in_its_conversation(connection, begun) : lock_message(connection, begun.tenant, begun.id);
  if (!row || row->attempt != begun.attempt) return false;
  const bool takes_wamid = !row->wamid && is_free(connection, *row, receipt.wamid);
  Message next = accepted_row(*row, takes_wamid ? std::optional(receipt.wamid) : std::nullopt, now);
  next.exchange = begun.exchange;
  if (!move_message(connection, *row, next, now)) return false;
  if (contact) remember_number(connection, *std::move(contact), *receipt.wa_id, now);
  if (const auto mark = mark_of_ours(next)) note_mark(connection, next, *mark);
  settle_parked(connection, next, now);
  return true;
}

bool record_refused(sql::Connection& connection, const Message& begun, const Refusal& refusal, Time now) {
  const auto row = undecided(connection, begun);
  if (!row) return false;
  Message next = *row;
  next.state = MessageState::Queued;
  next.due_at = refusal.due_at;
  next.failures = refusal.failures;
  next.exchange = begun.exchange;
  if (!move_message(connection, *row, std::move(next), now)) return false;
  keep_exchange(connection, begun, now);
  forget_attempt(connection, *row, now);
  return true;
}

bool record_rejected(sql::Connection& connection, const Message& begun, const Failure& failure, Time now) {
  auto row = undecided(connection, begun);
  if (!row) return false;
  row->exchange = begun.exchange;
  if (!record_failed(connection, *row, failure, now)) return false;
  forget_attempt(connection, *row, now);
  return true;
}

bool record_failed(sql::Connection& connection, const Message& row, const Failure& failure, Time now) {
  auto next = hold_for_failure(connection, row);
  if (!next) return false;
  next->state = MessageState::Failed;
  next->failure = failure;
  if (!move_message(connection, row, *next, now)) return false;
  fallback_failed(connection, *next, now);
  return true;
}

bool record_unknown(sql::Connection& connection, const Message& row, Time due_at, Time now) {
  Message next = row;
  next.state = MessageState::Unknown;
  next.due_at = due_at;
  return move_message(connection, row, std::move(next), now);
}

WindowOutcome record_outside(sql::Connection& connection, const Message& begun, const FallbackRules& rules, Time now) {
  const auto row = if_undecided(lock_in_its_conversation(connection, begun), begun);
  if (!row) return {};
  Message traced = *row;
  traced.exchange = begun.exchange;
  if (!move_message(connection, *row, traced, now)) return {};
  keep_exchange(connection, begun, now);
  return outside_window(connection, traced, rules, now);
}

bool record_expired(sql::Connection& connection, const Message& row, const Failure& why, Time now) {
  auto next = hold_for_failure(connection, row);
  if (!next) return false;
  next->state = MessageState::Expired;
  next->failure = why;
  if (!move_message(connection, row, *next, now)) return false;
  fallback_failed(connection, *next, now);
  return true;
}

bool hold_for_token(sql::Connection& connection, const Channel& used, std::string_view words, Time now) {
  const auto held = connection.run(
      "UPDATE channel SET state = 'needs_token', state_words = $4, updated_at = $5 WHERE tenant_id = $1 AND id = $2 "
      "AND access_token = $3 AND state IN ('active', 'blocked', 'restricted')",
      {used.tenant, used.id, used.sealed_access_token, words, now});
  if (held.changed() == 0) return false;
  const auto channel = find_channel(connection, used.tenant, used.id);
  const std::string payload = dump({{"channel", to_json(*channel)}});
  append_event(connection, used.tenant, {.type = "channel.updated", .payload = payload}, now);
  return true;
}

}  // namespace waypost::store
