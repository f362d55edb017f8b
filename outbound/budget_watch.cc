#include "outbound/budget_watch.h"

#include <utility>
#include <vector>

#include "base/log.h"
#include "net/rounds.h"
#include "net/spawn.h"
#include "store/budgets.h"

namespace waypost {
namespace {

constexpr std::chrono::seconds kComplainEvery{60};

// What is read first is only a hint: the unit that tells it looks again.
std::vector<store::BudgetKey> at_their_alert(sql::Connection& connection, Time now) {
  std::vector<store::BudgetKey> found;
  for (const auto& key : store::all_budgets(connection)) {
    const auto standing = store::budget_standing(connection, key, now);
    if (standing && reaches_alert(standing->budget, standing->spending)) found.push_back(key);
  }
  return found;
}

}  // namespace

struct BudgetWatch::State {
  State(BudgetWatchParts with, std::chrono::milliseconds pause)
      : parts(std::move(with)), every(pause), rounds(parts.loop) {}

  // Constant after construction.
  const BudgetWatchParts parts;
  const std::chrono::milliseconds every;

  std::chrono::steady_clock::time_point complained{};
  Rounds rounds;

  static awaitable<void> run(std::shared_ptr<State> state);
  awaitable<void> round();
  void complain(const Error& error);
};

awaitable<void> BudgetWatch::State::run(std::shared_ptr<State> state) {
  while (state->rounds.go_on()) {
    if (state->parts.mine()) co_await state->round();
    co_await state->rounds.rest(state->every);
  }
  state->rounds.over();
}

awaitable<void> BudgetWatch::State::round() {
  const Time now = parts.clock.now();
  const auto reached =
      co_await parts.database.read([now](sql::Connection& connection) { return at_their_alert(connection, now); });
  if (!reached) {
    complain(reached.error());
    co_return;
  }
  for (const auto& key : *reached) {
    const auto told = co_await parts.database.write(
        sql::lane_key(key.tenant),
        [key, now](sql::Connection& connection) { return store::tell_alert(connection, key, now); },
        sql::Urgency::Bulk);
    if (!told) complain(told.error());
  }
}

void BudgetWatch::State::complain(const Error& error) {
  const auto now = std::chrono::steady_clock::now();
  if (now - complained < kComplainEvery) return;
  complained = now;
  log::warn("budgets are not watched now, the next rounds go on: {}", error.words());
}

BudgetWatch::BudgetWatch(BudgetWatchParts parts, std::chrono::milliseconds every)
    : state_(std::make_shared<State>(std::move(parts), every)) {}

BudgetWatch::~BudgetWatch() { state_->rounds.abandon(); }

void BudgetWatch::start() {
  state_->rounds.begin();
  spawn(state_->parts.loop, "budget watch", State::run(state_));
}

awaitable<void> BudgetWatch::stop() {
  const auto state = state_;
  co_await state->rounds.stop();
}

awaitable<void> BudgetWatch::round() {
  const auto state = state_;
  co_await state->round();
}

}  // namespace waypost
