// Rates of a workspace (conversation/rates.h) and its calendar. Lane only.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "conversation/rates.h"
#include "sql/connection.h"

namespace waypost::store {

// By market, category, day.
std::vector<Rate> list_rates(sql::Connection& connection, TenantId tenant);
// All of them, in place of those that were; leaves pricing.rates_updated.
void replace_rates(sql::Connection& connection, TenantId tenant, const std::vector<Rate>& rates, Time now);

// The setting `timeZone`, or "UTC".
std::string time_zone_of(sql::Connection& connection, TenantId tenant);

}  // namespace waypost::store
