#include "store/due.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "store/messages.h"

namespace waypost::store {
namespace {

DuePage read_page(const sql::Rows& rows, std::size_t most) {
  DuePage page;
  for (const auto row : rows) {
    page.due.push_back({.tenant = row.id<TenantId>(0),
                        .conversation = row.id<ConversationId>(1),
                        .stream = row.text(2),
                        .channel = row.maybe_id<ChannelId>(5).value_or(ChannelId{}),
                        .due_at = row.time(3)});
  }
  if (rows.size() == most) {
    const auto last = rows[rows.size() - 1];
    page.next = DueCursor{.due_at = last.number(3), .id = last.uuid(4)};
  }
  return page;
}

// What failed and is buried, or has its next try later than what is asked for, is left out. A count, not NOT EXISTS,
// of which PostgreSQL makes a join, reads all that is due and sorts it; and "< 1", not "= 0", of which it expects that
// hardly a row passes, and does the same. So a page reads one page in the index's order.
constexpr std::string_view kKeptSends =
    " AND (SELECT count(*) FROM work_failure AS f WHERE f.tenant_id = message.tenant_id AND f.queue = 'sends' AND "
    "f.conversation_id = message.conversation_id AND f.stream = message.stream AND (f.buried_at IS NOT NULL OR "
    "f.due_at > $3)) < 1";
constexpr std::string_view kKeptRuns =
    " AND (SELECT count(*) FROM work_failure AS f WHERE f.tenant_id = run.tenant_id AND f.queue = 'runs' AND "
    "f.conversation_id = run.conversation_id AND f.stream = 'reply' AND (f.buried_at IS NOT NULL OR f.due_at > $3)) < "
    "1";
// Of triggers all are read for a page, so that a join is the better way.
constexpr std::string_view kKeptTriggers =
    " AND NOT EXISTS (SELECT 1 FROM work_failure AS f WHERE f.tenant_id = run_trigger.tenant_id AND f.queue = 'runs' "
    "AND f.conversation_id = run_trigger.conversation_id AND f.stream = 'reply' AND (f.buried_at IS NOT NULL OR "
    "f.due_at > $1))";

}  // namespace

DuePage due_sends(sql::Connection& connection, const DueCursor& from, Time until, std::size_t most) {
  until = std::min(until, kHeldAfterRestore - milliseconds(1));  // which no queue is told of
  static const std::string kText =
      "SELECT tenant_id, conversation_id, stream, due_at, id, channel_id FROM message WHERE state IN ('queued', "
      "'sending', "
      "'unknown', 'held') AND due_at >= $1 AND (due_at, id) > ($1, $2) AND due_at <= $3" +
      std::string(kKeptSends) + " ORDER BY due_at, id LIMIT $4";
  return read_page(connection.run(kText, {from.due_at, from.id, until, static_cast<std::int64_t>(most)}), most);
}

// Paged by the conversation; `due_at` of the cursor is not used.
DuePage due_triggers(sql::Connection& connection, const DueCursor& from, Time until, std::size_t most) {
  static const std::string kText =
      "SELECT tenant_id, conversation_id, 'reply', min(created_at), conversation_id, NULL FROM run_trigger "
      "WHERE created_at <= $1 AND conversation_id > $2" +
      std::string(kKeptTriggers) + " GROUP BY tenant_id, conversation_id ORDER BY conversation_id LIMIT $3";
  return read_page(connection.run(kText, {until, from.id, static_cast<std::int64_t>(most)}), most);
}

DuePage due_runs(sql::Connection& connection, const DueCursor& from, Time until, std::size_t most) {
  static const std::string kText =
      "SELECT tenant_id, conversation_id, 'reply', due_at, id, NULL FROM run WHERE status IN ('queued', 'running') AND "
      "due_at >= $1 AND (due_at, id) > ($1, $2) AND due_at <= $3" +
      std::string(kKeptRuns) + " ORDER BY due_at, id LIMIT $4";
  return read_page(connection.run(kText, {from.due_at, from.id, until, static_cast<std::int64_t>(most)}), most);
}

}  // namespace waypost::store
