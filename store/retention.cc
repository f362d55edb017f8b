#include "store/retention.h"

#include <array>
#include <span>

#include "base/day.h"
#include "store/idempotency.h"
#include "store/portfolio.h"
#include "store/run_retention.h"
#include "store/tenants.h"

namespace waypost::store {
namespace {

constexpr std::int64_t kUnitRows = 500;
constexpr std::chrono::hours kLocksKept{1};  // they end after a quarter of one

// Runs bulk units until one finds nothing to delete.
template <class Unit>
Result<std::size_t> drop_all(sql::Database& database, const Unit& unit) {
  std::size_t dropped = 0;
  while (true) {
    const auto done = database.write_and_wait(0, unit, sql::Urgency::Bulk);
    if (!done) return fail(done.error());
    dropped += static_cast<std::size_t>(*done);
    if (*done == 0) return dropped;
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

std::int64_t drop_pricing(sql::Connection& connection, TenantId tenant, Time before) {
  return connection
      .run(
          "DELETE FROM pricing_day WHERE (tenant_id, channel_id, day, market, category, type, model, lane) IN (SELECT "
          "tenant_id, channel_id, day, market, category, type, model, lane FROM pricing_day WHERE tenant_id = $1 AND "
          "day < $2 LIMIT $3)",
          {tenant, day_of(before), kUnitRows})
      .changed();
}

// An id begins with its time (RFC 9562), in milliseconds: this one is before all of that one.
MessageId first_id_of(Time at) {
  MessageId id;
  auto left = static_cast<std::uint64_t>(to_millis(at));
  for (std::size_t place = 6; place > 0; --place, left >>= 8)
    id.uuid.bytes[place - 1] = static_cast<std::uint8_t>(left);
  return id;
}

// The key begins with the message: its age is that of the row.
std::int64_t drop_recipients(sql::Connection& connection, TenantId tenant, Time before) {
  return connection
      .run(
          "DELETE FROM message_recipient WHERE (tenant_id, message_id, participant) IN (SELECT tenant_id, message_id, "
          "participant FROM message_recipient WHERE tenant_id = $1 AND message_id < $2 ORDER BY message_id LIMIT $3)",
          {tenant, first_id_of(before), kUnitRows})
      .changed();
}

std::int64_t drop_calls(sql::Connection& connection, Time now) {
  return connection
      .run(
          "DELETE FROM phone_call WHERE (tenant_id, channel_id, call_id) IN (SELECT tenant_id, channel_id, call_id "
          "FROM "
          "phone_call WHERE created_at < $1 LIMIT $2)",
          {now - kCallsKept, kUnitRows})
      .changed();
}

std::int64_t drop_sessions(sql::Connection& connection, Time now) {
  return connection
      .run(
          "DELETE FROM session WHERE token_hash IN (SELECT token_hash FROM session WHERE expires_at < $1 LIMIT $2) "
          "AND expires_at < $1",
          {now, kUnitRows})
      .changed();
}

std::int64_t drop_locks(sql::Connection& connection, Time now) {
  return connection
      .run(
          "DELETE FROM sign_in_lock WHERE key IN (SELECT key FROM sign_in_lock WHERE updated_at < $1 LIMIT $2) "
          "AND updated_at < $1",
          {now - kLocksKept, kUnitRows})
      .changed();
}

std::int64_t drop_reach(sql::Connection& connection, Time now) {
  return drop_outlived_reach(connection, now, kUnitRows);
}

std::int64_t drop_answers(sql::Connection& connection, Time now) {
  return drop_old_answers(connection, now, kUnitRows);
}

std::int64_t drop_runs(sql::Connection& connection, TenantId tenant, Time before) {
  return drop_old_runs(connection, tenant, before, kUnitRows);
}

std::int64_t drop_node_counts(sql::Connection& connection, Time now) {
  return drop_past_node_counts(connection, now, kUnitRows);
}

// Of one workspace: rows of before that.
struct OfWorkspace {
  std::int64_t (*drop)(sql::Connection&, TenantId, Time);
  Time before{};
};
using OfInstallation = std::int64_t (*)(sql::Connection&, Time);
constexpr std::array<OfInstallation, 6> kOfInstallation{drop_sessions, drop_locks, drop_reach,
                                                        drop_answers,  drop_calls, drop_node_counts};

Result<std::size_t> drop_of(sql::Database& database, TenantId tenant, std::span<const OfWorkspace> kinds) {
  std::size_t dropped = 0;
  for (const auto& kind : kinds) {
    const auto gone = drop_all(
        database, [kind, tenant](sql::Connection& connection) { return kind.drop(connection, tenant, kind.before); });
    if (!gone) return gone;
    dropped += *gone;
  }
  return dropped;
}

}  // namespace

Result<std::size_t> drop_outlived_rows(sql::Database& database, const KeptFor& kept, Time now) {
  const auto tenants = database.read_and_wait([](sql::Connection& connection) { return list_tenants(connection); });
  if (!tenants) return fail(tenants.error());
  const std::array<OfWorkspace, 4> kinds{{{.drop = drop_events, .before = now - kept.events},
                                          {.drop = drop_runs, .before = now - kept.runs},
                                          {.drop = drop_pricing, .before = now - kPricingKept},
                                          {.drop = drop_recipients, .before = now - kRecipientsKept}}};
  std::size_t dropped = 0;
  for (const auto& tenant : *tenants) {
    const auto gone = drop_of(database, tenant.id, kinds);
    if (!gone) return gone;
    dropped += *gone;
  }
  for (const auto drop : kOfInstallation) {
    const auto gone = drop_all(database, [drop, now](sql::Connection& connection) { return drop(connection, now); });
    if (!gone) return gone;
    dropped += *gone;
  }
  return dropped;
}

}  // namespace waypost::store
