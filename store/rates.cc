#include "store/rates.h"

#include "store/events.h"

namespace waypost::store {

std::vector<Rate> list_rates(sql::Connection& connection, TenantId tenant) {
  std::vector<Rate> rates;
  const auto rows = connection.run(
      "SELECT market, category, since, currency, micros FROM rate WHERE tenant_id = $1 ORDER BY market, category, "
      "since",
      {tenant});
  for (const auto row : rows) {
    rates.push_back({.market = row.text(0),
                     .category = row.text(1),
                     .since = row.number(2),
                     .currency = row.text(3),
                     .price = {row.number(4)}});
  }
  return rates;
}

// The workspace's row is held meanwhile: of two lists at a time one stands whole.
void replace_rates(sql::Connection& connection, TenantId tenant, const std::vector<Rate>& rates, Time now) {
  connection.run("UPDATE tenant SET updated_at = $2 WHERE id = $1", {tenant, now});
  connection.run("DELETE FROM rate WHERE tenant_id = $1", {tenant});
  for (const auto& rate : rates) {
    connection.run(
        "INSERT INTO rate (tenant_id, market, category, since, currency, micros) VALUES ($1, $2, $3, $4, $5, $6)",
        {tenant, rate.market, rate.category, rate.since, rate.currency, rate.price.micros});
  }
  const auto payload = dump({{"rates", {{"count", rates.size()}}}});
  append_event(connection, tenant, {.type = "pricing.rates_updated", .conversation = std::nullopt, .payload = payload},
               now);
}

std::string time_zone_of(sql::Connection& connection, TenantId tenant) {
  const auto rows = connection.run("SELECT settings FROM tenant WHERE id = $1", {tenant});
  return rows.empty() ? "UTC" : find_text(rows.front().json(0), "timeZone").value_or("UTC");
}

}  // namespace waypost::store
