#include "store/budgets.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/time_zone.h"
#include "conversation/market.h"
#include "store/channels.h"
#include "store/events.h"
#include "store/rates.h"
#include "store/templates.h"

namespace waypost::store {
namespace {

Budget read_budget(const sql::Row& row) {
  return {.currency = row.text(0), .amount = {row.number(1)}, .alert_at = row.number(2), .stops = row.boolean(3)};
}

void tell(sql::Connection& connection, const BudgetKey& key, std::string_view type, const Json& payload, Time now) {
  const auto text = dump(payload);
  append_event(connection, key.tenant, {.type = type, .conversation = std::nullopt, .payload = text}, now);
}

void tell_update(sql::Connection& connection, const BudgetKey& key, const Json& budget, Time now) {
  tell(connection, key, "budget.updated", {{"channelId", key.channel.text()}, {"budget", budget}}, now);
}

Cost billed_in(sql::Connection& connection, const BudgetKey& key, const BudgetStanding& standing) {
  Cost cost;
  const auto rows = connection.run(
      "SELECT day, market, category, type, CAST(sum(n) AS bigint) FROM pricing_day WHERE tenant_id = $1 AND channel_id "
      "= $2 AND day >= $3 AND day <= $4 GROUP BY day, market, category, type",
      {key.tenant, key.channel, standing.month.first, standing.month.last});
  for (const auto row : rows) {
    add_cost(cost, standing.rates,
             {.market = row.text(1),
              .category = row.text(2),
              .type = row.text(3),
              .day = row.number(0),
              .count = row.number(4)});
  }
  return cost;
}

struct SentTemplate {
  std::string name{};
  std::string language{};
  std::string market{};
  auto operator<=>(const SentTemplate&) const = default;
};

// In the words of the index message_unbilled.
std::map<SentTemplate, std::int64_t> unbilled_since(sql::Connection& connection, const BudgetKey& key, Time since) {
  std::map<SentTemplate, std::int64_t> counts;
  const auto rows = connection.run(
      "SELECT b.template_name, b.template_language, c.phone FROM message AS m JOIN broadcast AS b ON b.tenant_id = "
      "m.tenant_id AND b.id = m.broadcast_id LEFT JOIN contact AS c ON c.tenant_id = m.tenant_id AND c.id = "
      "m.contact_id WHERE m.tenant_id = $1 AND m.channel_id = $2 AND m.created_at >= $3 AND m.broadcast_id IS NOT NULL "
      "AND m.pricing IS NULL AND (m.state = 'queued' OR m.state = 'sending' OR m.state = 'unknown' OR m.state = 'held' "
      "OR m.state = 'accepted' OR m.state = 'sent')",
      {key.tenant, key.channel, since});
  for (const auto row : rows) {
    counts[{.name = row.text(0), .language = row.text(1), .market = market_of(row.maybe_text(2).value_or(""))}] += 1;
  }
  return counts;
}

// A template that is gone has no category, and so no rate.
std::string category_of(sql::Connection& connection, const Channel& channel, const SentTemplate& sent) {
  const auto known = find_template(connection, channel.tenant,
                                   {.waba_id = channel.waba_id, .name = sent.name, .language = sent.language});
  return known ? category_of_template(known->category) : std::string();
}

Cost expected_since(sql::Connection& connection, const BudgetKey& key, const BudgetStanding& standing, Time since) {
  Cost cost;
  const auto channel = find_channel(connection, key.tenant, key.channel);
  if (!channel) return cost;
  for (const auto& [sent, count] : unbilled_since(connection, key, since)) {
    add_cost(cost, standing.rates,
             {.market = sent.market,
              .category = category_of(connection, *channel, sent),
              .day = standing.today,
              .count = count});
  }
  return cost;
}

Time begin_of(std::int64_t day, const std::string& zone) {
  return time_in_zone(day_text(day) + "T00:00", zone).value_or(Time(std::chrono::days(day)));
}

}  // namespace

std::optional<Budget> find_budget(sql::Connection& connection, const BudgetKey& key) {
  const auto rows =
      connection.run("SELECT currency, micros, alert_at, stops FROM budget WHERE tenant_id = $1 AND channel_id = $2",
                     {key.tenant, key.channel});
  return rows.empty() ? std::nullopt : std::optional(read_budget(rows.front()));
}

void set_budget(sql::Connection& connection, const BudgetKey& key, const Budget& budget, Time now) {
  connection.run(
      "INSERT INTO budget (tenant_id, channel_id, currency, micros, alert_at, stops, told_month, updated_at) VALUES "
      "($1, $2, $3, $4, $5, $6, NULL, $7) ON CONFLICT (tenant_id, channel_id) DO UPDATE SET currency = "
      "excluded.currency, micros = excluded.micros, alert_at = excluded.alert_at, stops = excluded.stops, updated_at = "
      "excluded.updated_at, told_month = CASE WHEN budget.currency = excluded.currency AND budget.micros = "
      "excluded.micros AND budget.alert_at = excluded.alert_at THEN budget.told_month ELSE NULL END",
      {key.tenant, key.channel, budget.currency, budget.amount.micros, budget.alert_at, budget.stops, now});
  tell_update(connection, key, to_json(budget), now);
}

bool drop_budget(sql::Connection& connection, const BudgetKey& key, Time now) {
  const bool was_there =
      connection.run("DELETE FROM budget WHERE tenant_id = $1 AND channel_id = $2", {key.tenant, key.channel})
          .changed() > 0;
  if (was_there) tell_update(connection, key, Json(), now);
  return was_there;
}

std::vector<BudgetKey> all_budgets(sql::Connection& connection) {
  std::vector<BudgetKey> keys;
  for (const auto row : connection.run("SELECT tenant_id, channel_id FROM budget ORDER BY tenant_id, channel_id", {}))
    keys.push_back({.tenant = row.id<TenantId>(0), .channel = row.id<ChannelId>(1)});
  return keys;
}

std::optional<BudgetStanding> budget_standing(sql::Connection& connection, const BudgetKey& key, Time now) {
  auto budget = find_budget(connection, key);
  if (!budget) return std::nullopt;
  const auto zone = time_zone_of(connection, key.tenant);
  BudgetStanding standing{.budget = *std::move(budget), .today = day_in_zone(now, zone)};
  standing.month = month_of(standing.today);
  standing.rates = RateBook(list_rates(connection, key.tenant));
  standing.spending.billed = billed_in(connection, key, standing);
  standing.spending.expected = expected_since(connection, key, standing, begin_of(standing.month.first, zone));
  return standing;
}

Json to_json(const BudgetKey& key, const BudgetStanding& standing) {
  const auto& [billed, expected] = standing.spending;
  const auto used = used_of(standing.budget, standing.spending);
  const auto left = std::max(standing.budget.amount.less(used), Amount{});
  return {{"channelId", key.channel.text()},
          {"budget", to_json(standing.budget)},
          {"month", {{"from", day_text(standing.month.first)}, {"until", day_text(standing.month.last)}}},
          {"used", used.text()},
          {"left", left.text()},
          {"percent", percent_of(standing.budget, standing.spending)},
          {"billed", amounts_json(billed)},
          {"expected", amounts_json(expected)},
          {"unpriced", billed.unpriced + expected.unpriced}};
}

bool tell_alert(sql::Connection& connection, const BudgetKey& key, Time now) {
  const auto standing = budget_standing(connection, key, now);
  if (!standing || !reaches_alert(standing->budget, standing->spending)) return false;
  const bool is_first =
      connection
          .run(
              "UPDATE budget SET told_month = $3 WHERE tenant_id = $1 AND channel_id = $2 AND (told_month IS NULL OR "
              "told_month < $3)",
              {key.tenant, key.channel, standing->month.first})
          .changed() > 0;
  if (is_first) tell(connection, key, "budget.alert", to_json(key, *standing), now);
  return is_first;
}

}  // namespace waypost::store
