#include "store/due.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "store/messages.h"

namespace waypost::store {
namespace {

// How `next_try` below says that a key is buried.
constexpr std::int64_t kBuried = -1;

// A key that failed is left out when it is buried or its next try comes later than `until`; else it is due then.
std::optional<DueConversation> read_due(const sql::Row& row, Time until) {
  const auto due_at = row.time(3);
  const auto next_try = row.maybe_time(6);
  if (next_try && (to_millis(*next_try) == kBuried || *next_try > until)) return std::nullopt;
  return DueConversation{.tenant = row.id<TenantId>(0),
                         .conversation = row.id<ConversationId>(1),
                         .stream = row.text(2),
                         .channel = row.maybe_id<ChannelId>(5).value_or(ChannelId{}),
                         .due_at = std::max(due_at, next_try.value_or(due_at))};
}

DuePage read_page(const sql::Rows& rows, Time until, std::size_t most) {
  DuePage page;
  for (const auto row : rows) {
    if (auto due = read_due(row, until)) page.due.push_back(*std::move(due));
  }
  if (rows.size() == most) {
    const auto last = rows[rows.size() - 1];
    page.next = DueCursor{.due_at = last.number(3), .id = last.uuid(4)};
  }
  return page;
}

// The next try of a key that failed; null: it did not. A subquery in the answer, not a condition, of which PostgreSQL
// makes a join, reads all that is due and sorts it. So a page reads one page in the index's order.
constexpr std::string_view kNextSend =
    "(SELECT COALESCE(f.due_at, -1) FROM work_failure AS f WHERE f.tenant_id = message.tenant_id AND f.queue = 'sends' "
    "AND f.conversation_id = message.conversation_id AND f.stream = message.stream)";
constexpr std::string_view kNextRun =
    "(SELECT COALESCE(f.due_at, -1) FROM work_failure AS f WHERE f.tenant_id = run.tenant_id AND f.queue = 'runs' AND "
    "f.conversation_id = run.conversation_id AND f.stream = 'reply')";

constexpr std::string_view kNextMedia =
    "(SELECT COALESCE(f.due_at, -1) FROM work_failure AS f WHERE f.tenant_id = media.tenant_id AND f.queue = 'media' "
    "AND f.conversation_id = media.conversation_id AND f.stream = 'reply')";

}  // namespace

DuePage due_sends(sql::Connection& connection, const DueCursor& from, Time until, std::size_t most) {
  until = std::min(until, kHeldAfterRestore - milliseconds(1));  // which no queue is told of
  static const std::string kText = "SELECT tenant_id, conversation_id, stream, due_at, id, channel_id, " +
                                   std::string(kNextSend) +
                                   " FROM message WHERE (state = 'queued' OR state = 'sending' OR state = 'unknown' OR "
                                   "state = 'held') AND due_at >= $1 AND (due_at, id) > ($1, $2) AND due_at <= $3 "
                                   "ORDER BY due_at, id LIMIT $4";
  const auto rows = connection.run(kText, {from.due_at, from.id, until, static_cast<std::int64_t>(most)});
  return read_page(rows, until, most);
}

// Paged by the conversation; `due_at` of the cursor is not used. All are read for a page, so that a join is the better
// way to their next tries.
DuePage due_triggers(sql::Connection& connection, const DueCursor& from, Time until, std::size_t most) {
  const auto rows = connection.run(
      "SELECT t.tenant_id, t.conversation_id, 'reply', min(t.created_at), t.conversation_id, NULL, max(CASE WHEN "
      "f.buried_at IS NULL THEN f.due_at ELSE -1 END) FROM run_trigger AS t LEFT JOIN work_failure AS f ON f.tenant_id "
      "= t.tenant_id AND f.queue = 'runs' AND f.conversation_id = t.conversation_id AND f.stream = 'reply' WHERE "
      "t.created_at <= $1 AND t.conversation_id > $2 GROUP BY t.tenant_id, t.conversation_id ORDER BY "
      "t.conversation_id LIMIT $3",
      {until, from.id, static_cast<std::int64_t>(most)});
  return read_page(rows, until, most);
}

DuePage due_runs(sql::Connection& connection, const DueCursor& from, Time until, std::size_t most) {
  static const std::string kText =
      "SELECT tenant_id, conversation_id, 'reply', due_at, id, NULL, " + std::string(kNextRun) +
      " FROM run WHERE ended_at IS NULL AND due_at >= $1 AND (due_at, id) > ($1, $2) AND due_at <= $3 "
      "ORDER BY due_at, id LIMIT $4";
  const auto rows = connection.run(kText, {from.due_at, from.id, until, static_cast<std::int64_t>(most)});
  return read_page(rows, until, most);
}

DuePage due_media(sql::Connection& connection, const DueCursor& from, Time until, std::size_t most) {
  static const std::string kText =
      "SELECT tenant_id, conversation_id, 'reply', due_at, id, NULL, " + std::string(kNextMedia) +
      " FROM media WHERE state = 'pending' AND due_at >= $1 AND (due_at, id) > ($1, $2) AND due_at <= $3 "
      "ORDER BY due_at, id LIMIT $4";
  const auto rows = connection.run(kText, {from.due_at, from.id, until, static_cast<std::int64_t>(most)});
  return read_page(rows, until, most);
}

}  // namespace waypost::store
