#include "store/pricing.h"

#include <chrono>

#include "store/counters.h"

namespace waypost::store {
namespace {

std::int64_t day_of(Time at) { return std::chrono::floor<std::chrono::days>(at).time_since_epoch().count(); }

void count_priced(sql::Connection& connection, const PricingSource& source, const Pricing& pricing, Time at,
                  std::int64_t by) {
  connection.run(
      "INSERT INTO pricing_day (tenant_id, channel_id, day, category, type, model, lane, n) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant_id, channel_id, day, category, type, model, lane) "
      "DO UPDATE SET n = pricing_day.n + excluded.n",
      {source.tenant, source.channel, day_of(at), pricing.category, pricing.type, pricing.model, slot_of(connection),
       by});
}

Pricing kept_pricing(const Json& kept) {
  return {.category = text_or_empty(kept, "category"),
          .type = text_or_empty(kept, "type"),
          .model = text_or_empty(kept, "model")};
}

}  // namespace

bool says_price_anew(const Json& kept, const PricingSource& source) {
  const auto before = parse_iso8601(text_or_empty(kept, "at"));
  return pricing_of(source.status) && (!before || *before > source.at);
}

Json meter(sql::Connection& connection, const Json& kept, const PricingSource& source) {
  if (!says_price_anew(kept, source)) return kept;
  const auto pricing = pricing_of(source.status);
  const auto before = parse_iso8601(text_or_empty(kept, "at"));
  if (before) count_priced(connection, source, kept_pricing(kept), *before, -1);
  count_priced(connection, source, *pricing, source.at, 1);
  return {
      {"category", pricing->category}, {"type", pricing->type}, {"model", pricing->model}, {"at", iso8601(source.at)}};
}

std::vector<PricedDay> priced_days(sql::Connection& connection, TenantId tenant, const PricedSpan& span) {
  const auto rows = connection.run(
      "SELECT day, channel_id, category, type, model, CAST(sum(n) AS bigint) FROM pricing_day WHERE tenant_id = $1 AND "
      "day >= $2 AND day <= $3 GROUP BY day, channel_id, category, type, model HAVING sum(n) <> 0 "
      "ORDER BY day, channel_id, category, type, model",
      {tenant, span.from, span.until});
  std::vector<PricedDay> days;
  for (const auto row : rows) {
    days.push_back({.day = row.number(0),
                    .channel = row.id<ChannelId>(1),
                    .pricing = {.category = row.text(2), .type = row.text(3), .model = row.text(4)},
                    .messages = row.number(5)});
  }
  return days;
}

}  // namespace waypost::store
