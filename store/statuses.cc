#include "store/statuses.h"

#include "conversation/send_codes.h"
#include "store/free_entry.h"
#include "store/locks.h"
#include "store/meta_refusals.h"
#include "store/pricing.h"
#include "store/recipients.h"

namespace waypost::store {
namespace {

std::string_view name_of_word(MetaWord word) {
  switch (word) {
    case MetaWord::Accepted:
      return "accepted";
    case MetaWord::Sent:
      return "sent";
    case MetaWord::Delivered:
      return "delivered";
    case MetaWord::Read:
      return "read";
    case MetaWord::Played:
      return "played";
    case MetaWord::Failed:
      return "failed";
  }
}

// Our own id is a claim until tenant and channel agree: the workspace of the number decides (law 11).
std::optional<Message> message_of_ours(sql::Connection& connection, const StatusContext& context, const Status& status,
                                       Lock lock) {
  if (!status.ours) return std::nullopt;
  auto ours = find_message(connection, context.tenant, status.ours->message, lock);
  return ours && ours->outbound && ours->channel == context.channel ? ours : std::nullopt;
}

std::optional<Message> message_spoken_of(sql::Connection& connection, const StatusContext& context,
                                         const Status& status) {
  auto seen = message_of_ours(connection, context, status, Lock::None);
  return seen ? seen : message_of_wamid(connection, context.tenant, context.channel, status.wamid);
}

// What the status speaks of, as it stands once nobody else can move it. A failure may send something else instead,
// which is the conversation's affair; any other word is the message's alone.
std::optional<Message> lock_message_of(sql::Connection& connection, const StatusContext& context,
                                       const Status& status) {
  const bool is_alone = status.word != MetaWord::Failed;
  auto seen = message_of_ours(connection, context, status, is_alone ? Lock::UntilCommit : Lock::None);
  if (seen) return is_alone ? seen : lock_with_conversation(connection, *seen);
  seen = message_of_wamid(connection, context.tenant, context.channel, status.wamid);
  if (!seen) return std::nullopt;
  return is_alone ? lock_message(connection, seen->tenant, seen->id) : lock_with_conversation(connection, *seen);
}

// Of two that say the same the earlier is kept, as it would be of a message that is known.
void park(sql::Connection& connection, const StatusContext& context, const Status& status, Time now) {
  connection.run(
      "INSERT INTO parked_status (tenant_id, channel_id, wamid, status, participant, happened_at, payload, expires_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant_id, channel_id, wamid, status, participant) DO "
      "UPDATE SET happened_at = excluded.happened_at, payload = excluded.payload "
      "WHERE excluded.happened_at < parked_status.happened_at",
      {context.tenant, context.channel, status.wamid, name_of_word(status.word), participant_key(status.content),
       status.at, sql::JsonText{dump(status.content)}, now + kParkedFor});
}

// The earlier of the two, so that the order in which they come does not matter.
void keep_earliest(std::optional<Time>& kept, Time at) {
  if (!kept || at < *kept) kept = at;
}

std::optional<Time>* time_of(Message& message, MetaWord word) {
  switch (word) {
    case MetaWord::Sent:
      return &message.sent_at;
    case MetaWord::Delivered:
      return &message.delivered_at;
    case MetaWord::Read:
      return &message.read_at;
    case MetaWord::Failed:
      return &message.failed_at;
    case MetaWord::Accepted:
    case MetaWord::Played:
      return nullptr;
  }
}

// Our guess goes as soon as Meta speaks; Meta's own failure is kept beside whatever else is true.
void take_failure(Message& message, const Status& status) {
  if (message.is_guess()) {
    message.failure.reset();
    message.failed_at.reset();
  }
  if (status.word == MetaWord::Failed && !message.failure)
    message.failure = status.failure.value_or(Failure{.reason = std::string(kRejected)});
}

bool is_guess(const Message& message) { return message.state == MessageState::Failed && message.is_guess(); }

bool in_flight(MessageState state) { return !is_final(state); }

// Another row cannot have the wamid already, unless Meta named two of our ids for one message: then the first keeps it.
void take_wamid(sql::Connection& connection, Message& message, const Status& status) {
  if (message.wamid) return;
  const auto holder = message_of_wamid(connection, message.tenant, message.channel, status.wamid);
  if (!holder || holder->id == message.id) message.wamid = status.wamid;
}

std::string text_of(const Json& json) { return json.is_null() ? std::string() : dump(json); }

// `text` outlives the value.
sql::Value json_or_null(const std::string& text) {
  return text.empty() ? sql::Value::null(sql::Type::Json) : sql::Value(sql::JsonText{text});
}

// The first time counts, of a word that comes again too.
void note_heard(Message& message, MetaWord word, Time now) {
  const std::string key(name_of_word(word));
  if (!message.heard.contains(key)) message.heard[key] = to_millis(now);
}

void write(sql::Connection& connection, const Message& message, Time now) {
  const auto reason = message.failure ? std::optional(message.failure->reason) : std::nullopt;
  const auto words = message.failure ? std::optional(message.failure->words) : std::nullopt;
  const auto code = message.failure ? message.failure->code : std::nullopt;
  const std::string pricing = text_of(message.pricing);
  const std::string heard = text_of(message.heard);
  connection.run(
      "UPDATE message SET state = $3, wamid = $4, sent_at = $5, delivered_at = $6, read_at = $7, failed_at = $8, "
      "failure_reason = $9, failure_code = $10, failure_words = $11, due_at = CASE WHEN $12 THEN NULL ELSE due_at END, "
      "updated_at = $13, pricing = $14, heard = $15 WHERE tenant_id = $1 AND id = $2",
      {message.tenant, message.id, name_of(message.state), message.wamid, message.sent_at, message.delivered_at,
       message.read_at, message.failed_at, reason, code, words, is_final(message.state), now, json_or_null(pricing),
       json_or_null(heard)});
}

// What else a failure means for the conversation. True: there is something new to send.
bool pass_on_failure(sql::Connection& connection, const Message& message, const FallbackRules& rules, Time now) {
  if (message.author == "fallback") fallback_failed(connection, message, now);
  const auto code = message.failure ? message.failure->code : std::nullopt;
  if (code && action_of(*code) == GraphAction::PausePair) slow_conversation(connection, message, now);
  const bool outside = code == kOutsideWindowCode;
  return outside && outside_window(connection, message, rules, now).has_new_sends;
}

struct Arrival {
  const Status& status;
  const FallbackRules& rules;
  Time now{};
};

// One participant of a group whom it did not reach says nothing of the others.
bool is_of_one_only(const Status& status, const std::string& participant) {
  return !participant.empty() && status.word == MetaWord::Failed;
}

void note_pricing(sql::Connection& connection, Message& message, const Status& status) {
  message.pricing =
      meter(connection, message.pricing,
            {.tenant = message.tenant, .channel = message.channel, .status = status.content, .at = status.at});
}

// `message` is held.
StatusOutcome advance(sql::Connection& connection, Message message, const Arrival& arrival) {
  const auto& [status, rules, now] = arrival;
  const auto participant = participant_key(status.content);
  if (!participant.empty()) advance_recipient(connection, message, {.participant = participant, .status = status});
  if (is_of_one_only(status, participant)) return {};
  const Message before = message;
  const auto next = climb(before.state, is_guess(before), status.word);
  take_wamid(connection, message, status);
  take_failure(message, status);
  if (auto* time = time_of(message, status.word)) keep_earliest(*time, status.at);
  if (participant.empty()) note_pricing(connection, message, status);
  note_heard(message, status.word, now);
  if (next) message.state = *next;
  write(connection, message, now);
  if (const auto word = free_entry_word(status.content)) note_free_entry(connection, message, *word);
  StatusOutcome outcome{.changed = next.has_value(), .stream = message.stream};
  if (!next) return outcome;
  message.updated_at = now;
  tell_state(connection, message, now);
  const bool new_sends = *next == MessageState::Failed && pass_on_failure(connection, message, rules, now);
  if (in_flight(before.state) || new_sends) outcome.sends = message.conversation;
  return outcome;
}

// Whether advance() would change state, wamid, times or failure.
bool would_move(const Message& before, const Status& status) {
  Message after = before;
  take_failure(after, status);
  if (auto* time = time_of(after, status.word)) keep_earliest(*time, status.at);
  return !before.wamid || climb(before.state, is_guess(before), status.word) ||
         after.failure.has_value() != before.failure.has_value() || after.sent_at != before.sent_at ||
         after.delivered_at != before.delivered_at || after.read_at != before.read_at ||
         after.failed_at != before.failed_at;
}

std::optional<Status> read_parked(const sql::Row& row, const std::string& wamid) {
  const auto word = meta_word(row.text(0));
  if (!word) return std::nullopt;
  Status status{.wamid = wamid, .word = *word, .at = row.time(1), .content = row.json(2)};
  if (*word == MetaWord::Failed) status.failure = failure_of(status.content);
  return status;
}

}  // namespace

Failure failure_of(const Json& status) {
  const Json* errors = find_array(status, "errors");
  if (!errors || errors->empty()) return {.reason = std::string(kRejected)};
  const Json& error = errors->front();
  const Json* details = find_object(error, "error_data");
  const auto code = find_integer(error, "code");
  auto words = details ? text_or_empty(*details, "details") : std::string();
  for (const std::string_view key : {"title", "message"}) {
    if (words.empty()) words = text_or_empty(error, key);
  }
  return {.reason = std::string(reason_of(code)), .code = code, .words = std::move(words)};
}

void heed_failure(sql::Connection& connection, const Message& message, const Status& status, Time now) {
  const bool is_final_word = status.word == MetaWord::Failed && status.failure && status.failure->code;
  if (!is_final_word || is_of_one_only(status, participant_key(status.content))) return;
  // What Meta says of the person stands by its time, whatever became of the message; the rest is heeded once.
  const auto action = action_of(*status.failure->code);
  const bool is_of_person = action == GraphAction::Embargo || action == GraphAction::StopMarketing;
  if (!is_of_person && !climb(message.state, is_guess(message), status.word)) return;
  heed_refusal(connection,
               {.message = message,
                .code = *status.failure->code,
                .words = status.failure->words,
                .at = status.at,
                .is_late = true},
               now);
}

StatusOutcome apply_status(sql::Connection& connection, const StatusContext& context, const Status& status, Time now) {
  if (status.word == MetaWord::Failed) {
    const auto seen = message_spoken_of(connection, context, status);
    if (seen) heed_failure(connection, *seen, status, now);
  }
  auto message = lock_message_of(connection, context, status);
  if (!message) {
    lock_status_key(connection, context.channel, status.wamid);
    message = lock_message_of(connection, context, status);
  }
  if (message) return advance(connection, *std::move(message), {status, context.rules, now});
  park(connection, context, status, now);
  return {.parked = true};
}

bool is_news(sql::Connection& connection, const StatusContext& context, const Status& status) {
  const auto message = message_spoken_of(connection, context, status);
  if (!message) return false;
  const auto participant = participant_key(status.content);
  if (!participant.empty() &&
      is_news_of_recipient(connection, *message, {.participant = participant, .status = status}))
    return true;
  const PricingSource source{
      .tenant = message->tenant, .channel = message->channel, .status = status.content, .at = status.at};
  return !is_of_one_only(status, participant) &&
         (would_move(*message, status) || (participant.empty() && says_price_anew(message->pricing, source)));
}

std::optional<Status> parked_failure(sql::Connection& connection, const Message& message, std::string_view wamid) {
  const auto rows = connection.run(
      "SELECT status, happened_at, payload FROM parked_status WHERE tenant_id = $1 AND channel_id = $2 AND wamid = $3 "
      "AND status = 'failed' ORDER BY participant LIMIT 1",
      {message.tenant, message.channel, wamid});
  if (rows.empty()) return std::nullopt;
  return read_parked(rows.front(), std::string(wamid));
}

std::size_t settle_parked(sql::Connection& connection, const Message& message, Time now, const FallbackRules& rules) {
  if (!message.wamid) return 0;
  const std::initializer_list<sql::Value> key = {message.tenant, message.channel, *message.wamid};
  const auto rows = connection.run(
      "SELECT status, happened_at, payload FROM parked_status WHERE tenant_id = $1 AND channel_id = $2 AND wamid = $3",
      key);
  if (rows.empty()) return 0;
  connection.run("DELETE FROM parked_status WHERE tenant_id = $1 AND channel_id = $2 AND wamid = $3", key);
  const StatusContext context{.tenant = message.tenant, .channel = message.channel, .rules = rules};
  for (const auto row : rows) {
    const auto status = read_parked(row, *message.wamid);
    if (status) apply_status(connection, context, *status, now);
  }
  return rows.size();
}

std::size_t drop_parked(sql::Connection& connection, Time now, std::size_t most) {
  const auto rows = connection.run(
      "DELETE FROM parked_status WHERE (tenant_id, channel_id, wamid, status, participant) IN (SELECT tenant_id, "
      "channel_id, wamid, status, participant FROM parked_status WHERE expires_at <= $1 LIMIT $2)",
      {now, static_cast<std::int64_t>(most)});
  return static_cast<std::size_t>(rows.changed());
}

}  // namespace waypost::store
