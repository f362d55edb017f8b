// Pricing: what Meta bills, kept with each message and summed per day and number. Lane only.
//
// Meta says it with `sent` and with one of delivered and read. The earliest word counts, on its day in the workspace's
// time zone, whatever the order in which they come: a message is counted once.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "conversation/pricing.h"
#include "sql/connection.h"

namespace waypost::store {

struct PricingSource {
  TenantId tenant{};
  ChannelId channel{};
  const Json& status;  // as Meta sent it
  Time at{};           // its time
};
// `kept`: what the message has so far, or null. Returns what it has now, and counts:
// {"category","type","model","market","day","at"}.
Json meter(sql::Connection& connection, const Json& kept, const PricingSource& source);
// Whether it would count anything.
bool says_price_anew(const Json& kept, const PricingSource& source);

struct PricedDay {
  std::int64_t day = 0;  // since 1970
  ChannelId channel{};
  std::string market{};  // conversation/market.h
  Pricing pricing{};
  std::int64_t messages = 0;
};
struct PricedSpan {
  std::int64_t from = 0;  // days since 1970, both included
  std::int64_t until = 0;
};
// By day, number, market, category, type, model.
std::vector<PricedDay> priced_days(sql::Connection& connection, TenantId tenant, const PricedSpan& span);

}  // namespace waypost::store
