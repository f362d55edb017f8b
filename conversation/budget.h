// Budgets: what a channel may cost in a month of the workspace's calendar, when that is told, and whether its
// broadcasts stop there. Replies go on. Pure; any thread.
//
//   used = what Meta's statuses have billed + what messages on their way are expected to cost, in the budget's currency

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/amount.h"
#include "conversation/broadcast.h"
#include "conversation/rates.h"

namespace waypost {

struct Budget {
  std::string currency{};
  Amount amount{};             // above 0
  std::int64_t alert_at = 80;  // percent of it, 1 to 100
  bool stops = true;
};
Json to_json(const Budget& budget);

struct Spending {
  Cost billed{};
  Cost expected{};
};
Amount used_of(const Budget& budget, const Spending& spending);
// Whole percent, rounded down.
std::int64_t percent_of(const Budget& budget, const Spending& spending);
bool reaches_alert(const Budget& budget, const Spending& spending);
// How it is told: "budget_spent".
BroadcastStop budget_stop(const Budget& budget, const Spending& spending);
// Of a budget that stops: nothing is left of it.
std::optional<BroadcastStop> stop_of_budget(const Budget& budget, const Spending& spending);

// How many of the messages with these prices, in this order, still fit: the first that does not ends it.
std::size_t fitting(Amount left, const std::vector<Amount>& prices);

}  // namespace waypost
