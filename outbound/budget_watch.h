// BudgetWatch: tells budget.alert in time (store/budgets.h), on the node that has the broadcasts. What stops a
// broadcast is judged where its messages are made, not here. Loop only, but for start().

#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "net/asio.h"
#include "sql/database.h"

namespace waypost {

// All outlive it or its stop().
struct BudgetWatchParts {
  asio::any_io_executor loop;
  sql::Database& database;
  const Clock& clock;
  std::function<bool()> mine = [] { return true; };  // this node has the job
};

class BudgetWatch {
 public:
  explicit BudgetWatch(BudgetWatchParts parts, std::chrono::milliseconds every = std::chrono::seconds(20));
  BudgetWatch(const BudgetWatch&) = delete;
  BudgetWatch& operator=(const BudgetWatch&) = delete;
  ~BudgetWatch();

  // Any thread, once.
  void start();
  // Returns when a round in progress is over.
  awaitable<void> stop();
  // One round by hand, without start().
  awaitable<void> round();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace waypost
