#include "store/events.h"

#include <algorithm>

namespace waypost::store {
namespace {

// A write lane is alone on SQLite, and what it numbers is committed in that order.
constexpr std::string_view kInsertNumbered =
    "INSERT INTO event (tenant_id, number, type, conversation_id, payload, created_at) VALUES ($1, "
    "(SELECT COALESCE(max(number), 0) + 1 FROM event WHERE tenant_id = $1), $2, $3, $4, $5)";
// PostgreSQL's lanes commit in any order: a number given here could appear behind a higher one already read.
const sql::Insertion& pending_events() {
  static const sql::Insertion kInto("event_pending", "tenant_id, type, conversation_id, payload, created_at");
  return kInto;
}

constexpr std::size_t kTenantsAtOnce = 32;
// As many look-ups in the key as there are tenants; max() over a list of tenants would read all their events.
constexpr std::string_view kNewestOfTenants =
    "SELECT id, (SELECT max(number) FROM event WHERE tenant_id = tenant.id) FROM tenant WHERE id IN ("
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
    "$17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)";

}  // namespace

void append_event(sql::Connection& connection, TenantId tenant, const NewEvent& event, Time now) {
  const std::initializer_list<sql::Value> values = {tenant, event.type, event.conversation, event.payload, now};
  if (connection.engine() == sql::Engine::Sqlite) {
    connection.run(kInsertNumbered, values);
  } else {
    connection.insert(pending_events(), values);
  }
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

std::unordered_map<TenantId, std::int64_t> newest_events(sql::Connection& connection,
                                                         const std::vector<TenantId>& tenants) {
  std::unordered_map<TenantId, std::int64_t> newest;
  for (std::size_t begin = 0; begin < tenants.size(); begin += kTenantsAtOnce) {
    // The statement takes a whole list: the last one fills it up.
    std::vector<sql::Value> values;
    for (std::size_t at = 0; at < kTenantsAtOnce; ++at)
      values.emplace_back(tenants[std::min(begin + at, tenants.size() - 1)]);
    for (const auto row : connection.run(kNewestOfTenants, values)) {
      if (!row.is_null(1)) newest.emplace(row.id<TenantId>(0), row.number(1));
    }
  }
  return newest;
}

}  // namespace waypost::store
