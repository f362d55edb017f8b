#include "store/event_numbers.h"

#include <string_view>

namespace waypost::store {
namespace {

// These two are PostgreSQL's alone: SQLite's WITH cannot write, and there are no pending events.
//
// Only committed rows are seen, and what commits later gets a higher number whatever its id: so no number appears
// behind one already read. Within a conversation ids are in order, for its row is locked until the commit; an id of it
// that is seen comes with all its lower ones. A lower bound for the id would break that: the row that was not
// committed a statement ago may be by now.
//
// MATERIALIZED: else max() is asked for again with every row, and walks over all that were inserted before: 1,000
// events took 60 ms, and 50,000 more than a minute.
constexpr std::string_view kAnyPending = "SELECT id FROM event_pending ORDER BY id LIMIT 1";
constexpr std::string_view kNumberPending =
    "WITH taken AS ("
    "  DELETE FROM event_pending WHERE ctid = ANY (ARRAY(SELECT ctid FROM event_pending ORDER BY id LIMIT $1))"
    "  RETURNING id, tenant_id, type, conversation_id, payload, created_at),"
    " base AS MATERIALIZED ("
    "  SELECT tenant_id, COALESCE((SELECT max(number) FROM event WHERE event.tenant_id = present.tenant_id), 0) AS last"
    "  FROM (SELECT DISTINCT tenant_id FROM taken) AS present)"
    " INSERT INTO event (tenant_id, number, type, conversation_id, payload, created_at)"
    " SELECT tenant_id, last + row_number() OVER (PARTITION BY tenant_id ORDER BY id), type, conversation_id, payload,"
    "  created_at"
    " FROM taken JOIN base USING (tenant_id)";

}  // namespace

std::size_t number_events(sql::Connection& connection, std::size_t most) {
  if (connection.engine() == sql::Engine::Sqlite) return 0;
  if (connection.run(kAnyPending).empty()) return 0;
  return static_cast<std::size_t>(connection.run(kNumberPending, {most}).changed());
}

void number_moved_events(sql::Connection& connection) {
  if (connection.engine() == sql::Engine::Postgres) return;
  connection.run(
      "INSERT INTO event (tenant_id, number, type, conversation_id, payload, created_at) "
      "SELECT tenant_id, COALESCE((SELECT max(number) FROM event WHERE event.tenant_id = moved.tenant_id), 0) + "
      "row_number() OVER (PARTITION BY tenant_id ORDER BY id), type, conversation_id, payload, created_at "
      "FROM event_pending AS moved");
  connection.run("DELETE FROM event_pending");
}

}  // namespace waypost::store
