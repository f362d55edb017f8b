#include "store/calls.h"

#include "base/or_null.h"
#include "store/inbound.h"
#include "store/locks.h"
#include "store/place.h"

namespace waypost::store {
namespace {

constexpr std::int64_t kMostCalls = 100;  // of a conversation that are shown

struct Call {
  std::optional<ConversationId> conversation{};
  std::string direction{};
  std::string state{};
  std::optional<std::string> outcome{};
  std::optional<Time> started_at{};
  std::optional<Time> ended_at{};
  std::optional<std::int64_t> duration_s{};
  Json said = Json::object();
};

Call read_call(const sql::Row& row) {
  return {.conversation = row.maybe_id<ConversationId>(0),
          .direction = row.text(1),
          .state = row.text(2),
          .outcome = row.maybe_text(3),
          .started_at = row.maybe_time(4),
          .ended_at = row.maybe_time(5),
          .duration_s = row.maybe_number(6),
          .said = row.json(7)};
}

// The row is made first, so that it can be held.
Call hold_call(sql::Connection& connection, const Channel& channel, const CallNews& news, Time now) {
  const auto rows = connection.run(
      "INSERT INTO phone_call (tenant_id, channel_id, call_id, direction, state, said, created_at, updated_at) "
      "VALUES ($1, $2, $3, '', '', $4, $5, $5) ON CONFLICT (tenant_id, channel_id, call_id) DO UPDATE SET updated_at = "
      "excluded.updated_at RETURNING conversation_id, direction, state, outcome, started_at, ended_at, duration_s, "
      "said",
      {channel.tenant, channel.id, news.call_id, sql::JsonText{"{}"}, now});
  return read_call(rows.front());
}

template <class T>
void fill(std::optional<T>& kept, const std::optional<T>& said) {
  if (!kept) kept = said;
}

void take(Call& call, const CallNews& news) {
  const auto last = find_integer(call.said, news.word);
  if (!last || *last > to_millis(news.at)) call.said[news.word] = to_millis(news.at);
  if (call.direction.empty()) call.direction = news.direction;
  const auto state = call_state(news.word);
  if (outranks(state, call.state)) call.state = state;
  fill(call.outcome, news.outcome);
  fill(call.started_at, news.started_at);
  fill(call.ended_at, news.ended_at);
  fill(call.duration_s, news.duration_s);
}

void write_call(sql::Connection& connection, const Channel& channel, const std::string& call_id, const Call& call) {
  connection.run(
      "UPDATE phone_call SET conversation_id = $4, direction = $5, state = $6, outcome = $7, started_at = $8, ended_at "
      "= $9, duration_s = $10, said = $11 WHERE tenant_id = $1 AND channel_id = $2 AND call_id = $3",
      {channel.tenant, channel.id, call_id, call.conversation, call.direction, call.state, call.outcome,
       call.started_at, call.ended_at, call.duration_s, sql::JsonText{dump(call.said)}});
}

}  // namespace

std::vector<ConversationId> apply_call_news(sql::Connection& connection, const Channel& channel, const CallNews& news,
                                            Time now) {
  std::vector<ConversationId> touched;
  std::optional<ConversationId> conversation;
  if (!news.person.is_nobody()) {
    auto person = recognise(connection, {.sender = news.person, .message = {.tenant = channel.tenant}}, now);
    touched = std::move(person.touched);
    conversation = open_conversation(connection, channel.tenant, person.contact, channel.id, now).id;
  }
  if (conversation && is_acceptance(news)) {
    const bool answers =
        open_window(connection, {.tenant = channel.tenant, .conversation = *conversation, .at = news.at}, now);
    if (answers) touched.push_back(*conversation);
  }
  Call call = hold_call(connection, channel, news, now);
  fill(call.conversation, conversation);
  take(call, news);
  write_call(connection, channel, news.call_id, call);
  return touched;
}

Json calls_of(sql::Connection& connection, TenantId tenant, ConversationId conversation) {
  const auto rows = connection.run(
      "SELECT conversation_id, direction, state, outcome, started_at, ended_at, duration_s, said, call_id FROM "
      "phone_call WHERE tenant_id = $1 AND conversation_id = $2 AND conversation_id IS NOT NULL "
      "ORDER BY created_at, call_id LIMIT $3",
      {tenant, conversation, kMostCalls});
  Json calls = Json::array();
  for (const auto row : rows) {
    const Call call = read_call(row);
    calls.push_back({{"callId", row.text(8)},
                     {"direction", call.direction == "out" ? "outbound" : "inbound"},
                     {"state", call.state},
                     {"outcome", or_null(call.outcome)},
                     {"startedAt", or_null(call.started_at)},
                     {"endedAt", or_null(call.ended_at)},
                     {"durationSeconds", or_null(call.duration_s)}});
  }
  return calls;
}

}  // namespace waypost::store
