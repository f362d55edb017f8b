#include "store/portfolio.h"

#include <algorithm>
#include <chrono>
#include <compare>
#include <set>

#include "conversation/messaging_limit.h"
#include "store/counters.h"

namespace waypost::store {
namespace {

using Hours = std::chrono::sys_time<std::chrono::hours>;

std::int64_t hour_of(Time at) { return std::chrono::floor<std::chrono::hours>(at).time_since_epoch().count(); }
Time begin_of(std::int64_t hour) { return Hours(std::chrono::hours(hour)); }
// The oldest hour that counts.
std::int64_t first_hour(Time now) { return hour_of(now) - 24; }

// The account $1 and those of the same portfolio.
constexpr std::string_view kAccounts =
    "(SELECT CAST($1 AS text) UNION SELECT other.waba_id FROM portfolio_account AS own JOIN portfolio_account AS other "
    "ON other.portfolio = own.portfolio WHERE own.waba_id = CAST($1 AS text)) ";

// Where a person counts.
struct Stand {
  std::string waba_id{};
  std::int64_t hour = 0;
  auto operator<=>(const Stand&) const = default;
};

void count_people(sql::Connection& connection, const Stand& stand, std::int64_t by) {
  connection.run(
      "INSERT INTO portfolio_hour (waba_id, hour, lane, n) VALUES ($1, $2, $3, $4) ON CONFLICT (waba_id, hour, lane) "
      "DO UPDATE SET n = portfolio_hour.n + excluded.n",
      {stand.waba_id, stand.hour, slot_of(connection), by});
}

struct Person {
  TenantId tenant{};
  ContactId contact{};
  const std::string& waba_id;  // one of the portfolio's
};

// By the last message from any of the portfolio's accounts.
std::optional<Stand> stand_of(sql::Connection& connection, const Person& person) {
  static const std::string kText =
      "SELECT waba_id, hour FROM portfolio_reach WHERE tenant_id = $2 AND contact_id = $3 AND waba_id IN " +
      std::string(kAccounts) + "ORDER BY hour DESC LIMIT 1";
  const auto rows = connection.run(kText, {person.waba_id, person.tenant, person.contact});
  if (rows.empty()) return std::nullopt;
  return Stand{.waba_id = rows.front().text(0), .hour = rows.front().number(1)};
}

std::optional<Stand> stand_of(sql::Connection& connection, const Reach& reach) {
  return stand_of(connection, Person{.tenant = reach.tenant, .contact = reach.contact, .waba_id = reach.waba_id});
}

// When the first of those who count no longer does.
Time end_of_first(sql::Connection& connection, const std::string& waba_id, Time now) {
  static const std::string kText = "SELECT hour FROM portfolio_hour WHERE waba_id IN " + std::string(kAccounts) +
                                   "AND hour >= $2 GROUP BY hour HAVING sum(n) > 0 ORDER BY hour LIMIT 1";
  const auto rows = connection.run(kText, {waba_id, first_hour(now)});
  return begin_of((rows.empty() ? first_hour(now) : rows.front().number(0)) + 25);
}

std::optional<std::string> portfolio_of(sql::Connection& connection, const std::string& waba_id) {
  const auto rows = connection.run("SELECT portfolio FROM portfolio_account WHERE waba_id = $1", {waba_id});
  return rows.empty() ? std::nullopt : std::optional(rows.front().text(0));
}

// The accounts from which the contact was reached.
std::vector<std::string> accounts_that_reached(sql::Connection& connection, TenantId tenant, ContactId contact) {
  std::vector<std::string> accounts;
  const auto rows = connection.run(
      "SELECT DISTINCT waba_id FROM portfolio_reach WHERE tenant_id = $1 AND contact_id = $2", {tenant, contact});
  for (const auto row : rows) accounts.push_back(row.text(0));
  return accounts;
}

}  // namespace

std::int64_t count_reached(sql::Connection& connection, const std::string& waba_id, Time now) {
  static const std::string kText = "SELECT CAST(COALESCE(sum(n), 0) AS bigint) FROM portfolio_hour WHERE waba_id IN " +
                                   std::string(kAccounts) + "AND hour >= $2";
  return connection.run(kText, {waba_id, first_hour(now)}).front().number(0);
}

std::optional<Time> room_at(sql::Connection& connection, const Reach& reach, Time now) {
  if (!reach.limit) return std::nullopt;
  const auto last = stand_of(connection, reach);
  const bool counts = last && last->hour >= first_hour(now);
  if (counts || count_reached(connection, reach.waba_id, now) < *reach.limit) return std::nullopt;
  return end_of_first(connection, reach.waba_id, now);
}

void note_reached(sql::Connection& connection, const Reach& reach, Time now) {
  const Stand next{.waba_id = reach.waba_id, .hour = hour_of(now)};
  const auto last = stand_of(connection, reach);
  connection.run(
      "INSERT INTO portfolio_reach (tenant_id, contact_id, waba_id, message_id, hour) VALUES ($1, $2, $3, $4, $5) ON "
      "CONFLICT (tenant_id, contact_id, waba_id, message_id) DO UPDATE SET hour = excluded.hour",
      {reach.tenant, reach.contact, reach.waba_id, reach.message, next.hour});
  if (last && last->hour >= next.hour) return;
  if (last && last->hour >= first_hour(now)) count_people(connection, *last, -1);
  count_people(connection, next, 1);
}

void forget_reached(sql::Connection& connection, const Reached& reached, Time now) {
  const auto gone = connection.run(
      "DELETE FROM portfolio_reach WHERE tenant_id = $1 AND contact_id = $2 AND message_id = $3 RETURNING waba_id, "
      "hour",
      {reached.tenant, reached.contact, reached.message});
  for (const auto row : gone) {
    const Stand stand{.waba_id = row.text(0), .hour = row.number(1)};
    const auto left =
        stand_of(connection, Person{.tenant = reached.tenant, .contact = reached.contact, .waba_id = stand.waba_id});
    if (left && left->hour >= stand.hour) continue;
    count_people(connection, stand, -1);
    if (left && left->hour >= first_hour(now)) count_people(connection, *left, 1);
  }
}

void note_owner_of_account(sql::Connection& connection, const AccountOwner& owner) {
  connection.run(
      "INSERT INTO portfolio_account (waba_id, portfolio, said_at) VALUES ($1, $2, $3) ON CONFLICT (waba_id) DO UPDATE "
      "SET portfolio = excluded.portfolio, said_at = excluded.said_at WHERE portfolio_account.said_at <= "
      "excluded.said_at AND portfolio_account.portfolio <> excluded.portfolio",
      {owner.waba_id, owner.portfolio, owner.at});
}

LimitUse limit_use(sql::Connection& connection, const Channel& channel, Time at) {
  return {.limit = messaging_limit(channel.standing),
          .used = count_reached(connection, channel.waba_id, at),
          .portfolio = portfolio_of(connection, channel.waba_id)};
}

Json to_json(const LimitUse& use) {
  return {{"limit", use.limit ? Json(*use.limit) : Json()},
          {"used", use.used},
          {"room", use.limit ? Json(use.room()) : Json()},
          {"portfolioId", use.portfolio ? Json(*use.portfolio) : Json()}};
}

std::vector<ContactId> who_take_no_room(sql::Connection& connection, const Channel& channel, const ContactSpan& span,
                                        Time at) {
  static const std::string kText =
      "SELECT contact_id FROM conversation WHERE tenant_id = $2 AND contact_id >= $3 AND contact_id <= $4 AND "
      "channel_id = $5 AND merged_into IS NULL AND window_expires_at > $6 UNION SELECT contact_id FROM portfolio_reach "
      "WHERE tenant_id = $2 AND contact_id >= $3 AND contact_id <= $4 AND hour >= $7 AND waba_id IN " +
      std::string(kAccounts) + "ORDER BY 1";
  const auto rows =
      connection.run(kText, {channel.waba_id, channel.tenant, span.first, span.last, channel.id, at, first_hour(at)});
  std::vector<ContactId> found;
  for (const auto row : rows) found.push_back(row.id<ContactId>(0));
  return found;
}

// Who counted twice counts by the later time.
void bring_reached(sql::Connection& connection, const OnePerson& person, Time now) {
  std::set<Stand> done;  // of two accounts of a portfolio
  for (const auto& account : accounts_that_reached(connection, person.tenant, person.lost)) {
    const auto stand = [&](ContactId contact) {
      return stand_of(connection, Person{.tenant = person.tenant, .contact = contact, .waba_id = account});
    };
    const auto lost = stand(person.lost);
    const auto kept = stand(person.survivor);
    if (!lost || !kept || !done.insert(*lost).second) continue;
    const auto& earlier = lost->hour < kept->hour ? *lost : *kept;
    if (earlier.hour >= first_hour(now)) count_people(connection, earlier, -1);
  }
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
          "DELETE FROM portfolio_reach WHERE (tenant_id, contact_id, waba_id, message_id) IN (SELECT tenant_id, "
          "contact_id, waba_id, message_id FROM portfolio_reach WHERE hour < $1 ORDER BY hour LIMIT $2) AND hour < "
          "$1",
          {first_hour(now), most})
      .changed();
}

}  // namespace waypost::store
