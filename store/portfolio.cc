#include "store/portfolio.h"

#include <algorithm>
#include <chrono>

#include "conversation/messaging_limit.h"
#include "store/counters.h"

namespace waypost::store {
namespace {

using Hours = std::chrono::sys_time<std::chrono::hours>;

std::int64_t hour_of(Time at) { return std::chrono::floor<std::chrono::hours>(at).time_since_epoch().count(); }
Time begin_of(std::int64_t hour) { return Hours(std::chrono::hours(hour)); }
// The oldest hour that counts.
std::int64_t first_hour(Time now) { return hour_of(now) - 24; }

void count_hour(sql::Connection& connection, const std::string& portfolio, std::int64_t hour, std::int64_t by) {
  connection.run(
      "INSERT INTO portfolio_hour (portfolio, hour, lane, n) VALUES ($1, $2, $3, $4) ON CONFLICT (portfolio, hour, "
      "lane) DO UPDATE SET n = portfolio_hour.n + excluded.n",
      {portfolio, hour, slot_of(connection), by});
}

struct Person {
  TenantId tenant{};
  ContactId contact{};
  const std::string& portfolio;
};

// The hour in which the person was reached last: the one by which they count.
std::optional<std::int64_t> last_hour(sql::Connection& connection, const Person& person) {
  return connection
      .run("SELECT max(hour) FROM portfolio_reach WHERE tenant_id = $1 AND contact_id = $2 AND portfolio = $3",
           {person.tenant, person.contact, person.portfolio})
      .front()
      .maybe_number(0);
}

std::optional<std::int64_t> last_hour(sql::Connection& connection, const Reach& reach) {
  return last_hour(connection, Person{.tenant = reach.tenant, .contact = reach.contact, .portfolio = reach.portfolio});
}

// When the first of those who count no longer does.
Time end_of_first(sql::Connection& connection, const std::string& portfolio, Time now) {
  const auto rows = connection.run(
      "SELECT hour FROM portfolio_hour WHERE portfolio = $1 AND hour >= $2 GROUP BY hour HAVING sum(n) > 0 ORDER BY "
      "hour LIMIT 1",
      {portfolio, first_hour(now)});
  return begin_of((rows.empty() ? first_hour(now) : rows.front().number(0)) + 25);
}

}  // namespace

std::int64_t count_reached(sql::Connection& connection, const std::string& portfolio, Time now) {
  return connection
      .run("SELECT CAST(COALESCE(sum(n), 0) AS bigint) FROM portfolio_hour WHERE portfolio = $1 AND hour >= $2",
           {portfolio, first_hour(now)})
      .front()
      .number(0);
}

std::optional<Time> room_at(sql::Connection& connection, const Reach& reach, Time now) {
  if (!reach.limit) return std::nullopt;
  const auto last = last_hour(connection, reach);
  const bool counts = last && *last >= first_hour(now);
  if (counts || count_reached(connection, reach.portfolio, now) < *reach.limit) return std::nullopt;
  return end_of_first(connection, reach.portfolio, now);
}

void note_reached(sql::Connection& connection, const Reach& reach, Time now) {
  const auto hour = hour_of(now);
  const auto last = last_hour(connection, reach);
  connection.run(
      "INSERT INTO portfolio_reach (tenant_id, contact_id, portfolio, message_id, hour) VALUES ($1, $2, $3, $4, $5) ON "
      "CONFLICT (tenant_id, contact_id, portfolio, message_id) DO UPDATE SET hour = excluded.hour",
      {reach.tenant, reach.contact, reach.portfolio, reach.message, hour});
  if (last && *last >= hour) return;
  if (last && *last >= first_hour(now)) count_hour(connection, reach.portfolio, *last, -1);
  count_hour(connection, reach.portfolio, hour, 1);
}

void forget_reached(sql::Connection& connection, const Reached& reached, Time now) {
  const auto gone = connection.run(
      "DELETE FROM portfolio_reach WHERE tenant_id = $1 AND contact_id = $2 AND message_id = $3 RETURNING portfolio, "
      "hour",
      {reached.tenant, reached.contact, reached.message});
  for (const auto row : gone) {
    const std::string portfolio = row.text(0);
    const auto hour = row.number(1);
    const auto left =
        last_hour(connection, Person{.tenant = reached.tenant, .contact = reached.contact, .portfolio = portfolio});
    if (left && *left >= hour) continue;
    count_hour(connection, portfolio, hour, -1);
    if (left && *left >= first_hour(now)) count_hour(connection, portfolio, *left, 1);
  }
}

LimitUse limit_use(sql::Connection& connection, const Channel& channel, Time at) {
  return {.limit = messaging_limit(channel.standing), .used = count_reached(connection, channel.waba_id, at)};
}

Json to_json(const LimitUse& use) {
  return {{"limit", use.limit ? Json(*use.limit) : Json()},
          {"used", use.used},
          {"room", use.limit ? Json(use.room()) : Json()}};
}

std::vector<ContactId> who_take_no_room(sql::Connection& connection, const Channel& channel, const ContactSpan& span,
                                        Time at) {
  const auto rows = connection.run(
      "SELECT contact_id FROM conversation WHERE tenant_id = $1 AND contact_id >= $2 AND contact_id <= $3 AND "
      "channel_id = $4 AND merged_into IS NULL AND window_expires_at > $5 UNION SELECT contact_id FROM portfolio_reach "
      "WHERE tenant_id = $1 "
      "AND contact_id >= $2 AND contact_id <= $3 AND portfolio = $6 AND hour >= $7 ORDER BY 1",
      {channel.tenant, span.first, span.last, channel.id, at, channel.waba_id, first_hour(at)});
  std::vector<ContactId> found;
  for (const auto row : rows) found.push_back(row.id<ContactId>(0));
  return found;
}

// Who counted twice counts by the later time.
void bring_reached(sql::Connection& connection, const OnePerson& person, Time now) {
  const auto twice = connection.run(
      "SELECT portfolio, min(latest) FROM (SELECT portfolio, contact_id, max(hour) AS latest FROM portfolio_reach "
      "WHERE tenant_id = $1 AND contact_id IN ($2, $3) GROUP BY portfolio, contact_id) AS each_one GROUP BY portfolio "
      "HAVING count(*) = 2 AND min(latest) >= $4",
      {person.tenant, person.lost, person.survivor, first_hour(now)});
  for (const auto row : twice) count_hour(connection, row.text(0), row.number(1), -1);
  connection.run("UPDATE portfolio_reach SET contact_id = $3 WHERE tenant_id = $1 AND contact_id = $2",
                 {person.tenant, person.lost, person.survivor});
}

void drop_reached(sql::Connection& connection, TenantId tenant, ContactId contact) {
  connection.run("DELETE FROM portfolio_reach WHERE tenant_id = $1 AND contact_id = $2", {tenant, contact});
}

std::int64_t drop_outlived_reach(sql::Connection& connection, Time now, std::int64_t most) {
  connection.run("DELETE FROM portfolio_hour WHERE hour < $1", {first_hour(now)});
  return connection
      .run(
          "DELETE FROM portfolio_reach WHERE (tenant_id, contact_id, portfolio, message_id) IN (SELECT tenant_id, "
          "contact_id, portfolio, message_id FROM portfolio_reach WHERE hour < $1 ORDER BY hour LIMIT $2) AND hour < "
          "$1",
          {first_hour(now), most})
      .changed();
}

}  // namespace waypost::store
