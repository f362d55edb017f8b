#include "store/events.h"

#include <functional>

#include "sql/dialect.h"

namespace waypost::store {

void append_event(sql::Connection& connection, TenantId tenant, const NewEvent& event, Time now) {
  // Lanes would give one number twice: the next one waits for the first one's commit.
  sql::lock_until_commit(connection, sql::LockKind::Events, std::hash<Uuid>()(tenant.uuid));
  connection.run(
      "INSERT INTO event (tenant_id, number, type, conversation_id, payload, created_at) VALUES ($1, "
      "(SELECT COALESCE(max(number), 0) + 1 FROM event WHERE tenant_id = $1), $2, $3, $4, $5)",
      {tenant, event.type, event.conversation, sql::JsonText{event.payload}, now});
}

std::vector<Event> events_after(sql::Connection& connection, TenantId tenant, std::int64_t after, std::size_t most) {
  std::vector<Event> events;
  const auto rows = connection.run(
      "SELECT number, type, conversation_id, payload, created_at FROM event WHERE tenant_id = $1 AND number > $2 "
      "ORDER BY number LIMIT $3",
      {tenant, after, static_cast<std::int64_t>(most)});
  for (const auto row : rows) {
    events.push_back({.number = row.number(0),
                      .type = row.text(1),
                      .conversation = row.maybe_id<ConversationId>(2),
                      .payload = row.json(3),
                      .created_at = row.time(4)});
  }
  return events;
}

EventRange event_range(sql::Connection& connection, TenantId tenant) {
  const auto rows = connection.run(
      "SELECT (SELECT min(number) FROM event WHERE tenant_id = $1), (SELECT max(number) FROM event WHERE tenant_id = "
      "$1)",
      {tenant});
  return {.oldest = rows.front().maybe_number(0).value_or(0), .newest = rows.front().maybe_number(1).value_or(0)};
}

}  // namespace waypost::store
