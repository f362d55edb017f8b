#include "conversation/budget.h"

namespace waypost {
namespace {

Amount in_currency(const Cost& cost, const std::string& currency) {
  const auto found = cost.amounts.find(currency);
  return found == cost.amounts.end() ? Amount{} : found->second;
}

}  // namespace

Json to_json(const Budget& budget) {
  return {{"amount", budget.amount.text()},
          {"currency", budget.currency},
          {"period", "month"},
          {"alertAt", budget.alert_at},
          {"stop", budget.stops}};
}

Amount used_of(const Budget& budget, const Spending& spending) {
  return in_currency(spending.billed, budget.currency).plus(in_currency(spending.expected, budget.currency));
}

// Of hundredths of the amount, so that nothing overflows: amounts stay below a billion units.
std::int64_t percent_of(const Budget& budget, const Spending& spending) {
  return used_of(budget, spending).times(100).micros / budget.amount.micros;
}

bool reaches_alert(const Budget& budget, const Spending& spending) {
  return percent_of(budget, spending) >= budget.alert_at;
}

BroadcastStop budget_stop(const Budget& budget, const Spending& spending) {
  return {.reason = "budget_spent",
          .words = "the channel's budget of this month is spent: " + used_of(budget, spending).text() + " of " +
                   budget.amount.text() + " " + budget.currency + "; the next message would go beyond it"};
}

std::optional<BroadcastStop> stop_of_budget(const Budget& budget, const Spending& spending) {
  const bool is_spent = used_of(budget, spending) >= budget.amount;
  return budget.stops && is_spent ? std::optional(budget_stop(budget, spending)) : std::nullopt;
}

std::size_t fitting(Amount left, const std::vector<Amount>& prices) {
  std::size_t count = 0;
  while (count < prices.size() && prices[count] <= left) left = left.less(prices[count++]);
  return count;
}

}  // namespace waypost
