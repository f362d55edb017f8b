#include "store/retention.h"

#include "store/idempotency.h"
#include "store/portfolio.h"
#include "store/tenants.h"

namespace waypost::store {
namespace {

constexpr std::int64_t kUnitRows = 500;
constexpr std::chrono::hours kLocksKept{1};  // they end after a quarter of one

// Runs bulk units until one deletes less than a unit's worth.
template <class Unit>
Result<std::size_t> drop_all(sql::Database& database, const Unit& unit) {
  std::size_t dropped = 0;
  while (true) {
    const auto done = database.write_and_wait(0, unit, sql::Urgency::Bulk);
    if (!done) return fail(done.error());
    dropped += static_cast<std::size_t>(*done);
    if (*done < kUnitRows) return dropped;
  }
}

// The oldest rows of one workspace: numbers and times grow together, so the key finds them.
std::int64_t drop_events(sql::Connection& connection, TenantId tenant, Time before) {
  return connection
      .run(
          "DELETE FROM event WHERE tenant_id = $1 AND number IN (SELECT number FROM event WHERE tenant_id = $1 "
          "ORDER BY number LIMIT $3) AND created_at < $2 AND number < (SELECT max(number) FROM event WHERE tenant_id = "
          "$1)",
          {tenant, before, kUnitRows})
      .changed();
}

}  // namespace

Result<std::size_t> drop_outlived_rows(sql::Database& database, std::chrono::days events, Time now) {
  const auto tenants = database.read_and_wait([](sql::Connection& connection) { return list_tenants(connection); });
  if (!tenants) return fail(tenants.error());
  std::size_t dropped = 0;
  for (const auto& tenant : *tenants) {
    const auto gone = drop_all(database, [id = tenant.id, before = now - events](sql::Connection& connection) {
      return drop_events(connection, id, before);
    });
    if (!gone) return gone;
    dropped += *gone;
  }
  const auto sessions = drop_all(database, [now](sql::Connection& connection) {
    return connection
        .run(
            "DELETE FROM session WHERE token_hash IN (SELECT token_hash FROM session WHERE expires_at < $1 LIMIT $2) "
            "AND expires_at < $1",
            {now, kUnitRows})
        .changed();
  });
  if (!sessions) return sessions;
  const auto locks = drop_all(database, [now](sql::Connection& connection) {
    return connection
        .run(
            "DELETE FROM sign_in_lock WHERE key IN (SELECT key FROM sign_in_lock WHERE updated_at < $1 LIMIT $2) "
            "AND updated_at < $1",
            {now - kLocksKept, kUnitRows})
        .changed();
  });
  if (!locks) return locks;
  const auto reached = drop_all(
      database, [now](sql::Connection& connection) { return drop_outlived_reach(connection, now, kUnitRows); });
  if (!reached) return reached;
  const auto answers =
      drop_all(database, [now](sql::Connection& connection) { return drop_old_answers(connection, now, kUnitRows); });
  if (!answers) return answers;
  return dropped + *sessions + *locks + *reached + *answers;
}

}  // namespace waypost::store
