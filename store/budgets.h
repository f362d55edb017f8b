// Budgets of channels (conversation/budget.h), and how far they are spent in the month that it is where the workspace
// is. Lane only.

#pragma once

#include <optional>
#include <vector>

#include "base/day.h"
#include "conversation/budget.h"
#include "sql/connection.h"

namespace waypost::store {

struct BudgetKey {
  TenantId tenant{};
  ChannelId channel{};
};
std::optional<Budget> find_budget(sql::Connection& connection, const BudgetKey& key);
// In place of the one that was; leaves budget.updated. An alert that was told of another amount, currency or share is
// told again.
void set_budget(sql::Connection& connection, const BudgetKey& key, const Budget& budget, Time now);
// False: there was none.
bool drop_budget(sql::Connection& connection, const BudgetKey& key, Time now);
// Of the whole installation.
std::vector<BudgetKey> all_budgets(sql::Connection& connection);

struct BudgetStanding {
  Budget budget{};
  std::int64_t today = 0;
  Month month{};
  Spending spending{};
  RateBook rates{};
};
// Nothing: the channel has no budget. Expected: messages of broadcasts and fallbacks that are queued, under way or
// accepted, as long as no status of Meta's has billed them.
std::optional<BudgetStanding> budget_standing(sql::Connection& connection, const BudgetKey& key, Time now);
// {"channelId","budget","month":{"from","until"},"used","billed","expected","left","percent","unpriced"}
Json to_json(const BudgetKey& key, const BudgetStanding& standing);

// Leaves budget.alert, once a month. False: it is not reached, or was told.
bool tell_alert(sql::Connection& connection, const BudgetKey& key, Time now);

}  // namespace waypost::store
