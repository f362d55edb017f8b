#include "store/cursors.h"

namespace waypost::store {

Marks load_marks(sql::Connection& connection, JournalId journal) {
  const auto rows =
      connection.run("SELECT position, status_position FROM journal_cursor WHERE journal_id = $1", {journal});
  if (rows.empty()) return {};
  return {.messages = static_cast<std::uint64_t>(rows.front().number(0)),
          .statuses = static_cast<std::uint64_t>(rows.front().number(1))};
}

bool move_marks(sql::Connection& connection, JournalId journal, const MarksMove& move, Time now) {
  if (move.from == Marks{}) {
    connection.run(
        "INSERT INTO journal_cursor (journal_id, position, status_position, updated_at) VALUES ($1, 0, 0, $2) "
        "ON CONFLICT (journal_id) DO NOTHING",
        {journal, now});
  }
  return connection
             .run(
                 "UPDATE journal_cursor SET position = $2, status_position = $3, updated_at = $4, applied_until = $7 "
                 "WHERE journal_id = $1 AND position = $5 AND status_position = $6",
                 {journal, move.to.messages, move.to.statuses, now, move.from.messages, move.from.statuses,
                  move.applied_until})
             .changed() > 0;
}

std::optional<Time> applied_until_of_all(sql::Connection& connection, Time fresh_after) {
  return connection.run("SELECT min(applied_until) FROM journal_cursor WHERE updated_at >= $1", {fresh_after})
      .front()
      .maybe_time(0);
}

}  // namespace waypost::store
