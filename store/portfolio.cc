#include "store/portfolio.h"

#include <algorithm>
#include <chrono>

#include "sql/dialect.h"
#include "store/counters.h"

namespace waypost::store {
namespace {

using Hours = std::chrono::sys_time<std::chrono::hours>;

std::int64_t hour_of(Time at) { return std::chrono::floor<std::chrono::hours>(at).time_since_epoch().count(); }
Time begin_of(std::int64_t hour) { return Hours(std::chrono::hours(hour)); }
// The oldest hour that counts.
std::int64_t first_hour(Time now) { return hour_of(now) - 24; }

void count_hour(sql::Connection& connection, const std::string& waba_id, std::int64_t hour, std::int64_t by) {
  connection.run(
      "INSERT INTO portfolio_hour (waba_id, hour, lane, n) VALUES ($1, $2, $3, $4) ON CONFLICT (waba_id, hour, lane) "
      "DO UPDATE SET n = portfolio_hour.n + excluded.n",
      {waba_id, hour, slot_of(connection), by});
}

// The hour in which the person was reached last.
std::optional<std::int64_t> last_hour(sql::Connection& connection, const Reach& reach) {
  const auto rows =
      connection.run("SELECT hour FROM portfolio_reach WHERE tenant_id = $1 AND contact_id = $2 AND waba_id = $3" +
                         std::string(sql::for_update(connection.engine())),
                     {reach.tenant, reach.contact, reach.waba_id});
  return rows.empty() ? std::nullopt : std::optional(rows.front().number(0));
}

// When the first of those who count no longer does.
Time room_at(sql::Connection& connection, const std::string& waba_id, Time now) {
  const auto rows = connection.run(
      "SELECT hour FROM portfolio_hour WHERE waba_id = $1 AND hour >= $2 GROUP BY hour HAVING sum(n) > 0 ORDER BY hour "
      "LIMIT 1",
      {waba_id, first_hour(now)});
  return begin_of((rows.empty() ? first_hour(now) : rows.front().number(0)) + 25);
}

}  // namespace

std::int64_t count_reached(sql::Connection& connection, const std::string& waba_id, Time now) {
  return connection
      .run("SELECT CAST(COALESCE(sum(n), 0) AS bigint) FROM portfolio_hour WHERE waba_id = $1 AND hour >= $2",
           {waba_id, first_hour(now)})
      .front()
      .number(0);
}

std::optional<Time> reach(sql::Connection& connection, const Reach& reach, Time now) {
  const auto hour = hour_of(now);
  const auto last = last_hour(connection, reach);
  if (last && *last >= hour) return std::nullopt;
  const bool counts = last && *last >= first_hour(now);
  if (!counts && reach.limit && count_reached(connection, reach.waba_id, now) >= *reach.limit)
    return room_at(connection, reach.waba_id, now);
  connection.run(
      "INSERT INTO portfolio_reach (tenant_id, contact_id, waba_id, hour) VALUES ($1, $2, $3, $4) ON CONFLICT "
      "(tenant_id, contact_id, waba_id) DO UPDATE SET hour = excluded.hour",
      {reach.tenant, reach.contact, reach.waba_id, hour});
  if (counts) count_hour(connection, reach.waba_id, *last, -1);
  count_hour(connection, reach.waba_id, hour, 1);
  return std::nullopt;
}

void bring_reached(sql::Connection& connection, TenantId tenant, ContactId from, ContactId to) {
  connection.run(
      "INSERT INTO portfolio_reach (tenant_id, contact_id, waba_id, hour) SELECT tenant_id, $3, waba_id, hour FROM "
      "portfolio_reach WHERE tenant_id = $1 AND contact_id = $2 ON CONFLICT (tenant_id, contact_id, waba_id) DO UPDATE "
      "SET hour = excluded.hour WHERE portfolio_reach.hour < excluded.hour",
      {tenant, from, to});
  drop_reached(connection, tenant, from);
}

void drop_reached(sql::Connection& connection, TenantId tenant, ContactId contact) {
  connection.run("DELETE FROM portfolio_reach WHERE tenant_id = $1 AND contact_id = $2", {tenant, contact});
}

std::int64_t drop_outlived_reach(sql::Connection& connection, Time now, std::int64_t most) {
  connection.run("DELETE FROM portfolio_hour WHERE hour < $1", {first_hour(now)});
  return connection
      .run(
          "DELETE FROM portfolio_reach WHERE (tenant_id, contact_id, waba_id) IN (SELECT tenant_id, contact_id, "
          "waba_id "
          "FROM portfolio_reach WHERE hour < $1 ORDER BY hour LIMIT $2) AND hour < $1",
          {first_hour(now), most})
      .changed();
}

}  // namespace waypost::store
