#include "store/pricing.h"

#include "base/day.h"
#include "base/time_zone.h"
#include "conversation/market.h"
#include "store/counters.h"
#include "store/rates.h"

namespace waypost::store {
namespace {

// What a message is counted under.
struct Counted {
  Pricing pricing{};
  std::string market{};
  std::int64_t day = 0;
};

void count_priced(sql::Connection& connection, const PricingSource& source, const Counted& counted, std::int64_t by) {
  const auto& [pricing, market, day] = counted;
  connection.run(
      "INSERT INTO pricing_day (tenant_id, channel_id, day, market, category, type, model, lane, n) VALUES ($1, $2, "
      "$3, "
      "$4, $5, $6, $7, $8, $9) ON CONFLICT (tenant_id, channel_id, day, market, category, type, model, lane) DO UPDATE "
      "SET n = pricing_day.n + excluded.n",
      {source.tenant, source.channel, day, market, pricing.category, pricing.type, pricing.model, slot_of(connection),
       by});
}

// As it was counted, whatever the workspace's time zone and the words of a later status are now.
Counted counted_before(const Json& kept, Time at) {
  return {.pricing = {.category = text_or_empty(kept, "category"),
                      .type = text_or_empty(kept, "type"),
                      .model = text_or_empty(kept, "model")},
          .market = text_or_empty(kept, "market"),
          .day = day_named(text_or_empty(kept, "day")).value_or(day_of(at))};
}

}  // namespace

bool says_price_anew(const Json& kept, const PricingSource& source) {
  const auto before = parse_iso8601(text_or_empty(kept, "at"));
  return pricing_of(source.status) && (!before || *before > source.at);
}

Json meter(sql::Connection& connection, const Json& kept, const PricingSource& source) {
  if (!says_price_anew(kept, source)) return kept;
  const auto before = parse_iso8601(text_or_empty(kept, "at"));
  if (before) count_priced(connection, source, counted_before(kept, *before), -1);
  const Counted counted{.pricing = *pricing_of(source.status),
                        .market = market_of_status(source.status),
                        .day = day_in_zone(source.at, time_zone_of(connection, source.tenant))};
  count_priced(connection, source, counted, 1);
  return {{"category", counted.pricing.category}, {"type", counted.pricing.type},
          {"model", counted.pricing.model},       {"market", counted.market},
          {"day", day_text(counted.day)},         {"at", iso8601(source.at)}};
}

std::vector<PricedDay> priced_days(sql::Connection& connection, TenantId tenant, const PricedSpan& span) {
  const auto rows = connection.run(
      "SELECT day, channel_id, category, type, model, CAST(sum(n) AS bigint), market FROM pricing_day WHERE tenant_id "
      "= "
      "$1 AND day >= $2 AND day <= $3 GROUP BY day, channel_id, market, category, type, model HAVING sum(n) <> 0 "
      "ORDER BY day, channel_id, market, category, type, model",
      {tenant, span.from, span.until});
  std::vector<PricedDay> days;
  for (const auto row : rows) {
    days.push_back({.day = row.number(0),
                    .channel = row.id<ChannelId>(1),
                    .market = row.text(6),
                    .pricing = {.category = row.text(2), .type = row.text(3), .model = row.text(4)},
                    .messages = row.number(5)});
  }
  return days;
}

}  // namespace waypost::store
