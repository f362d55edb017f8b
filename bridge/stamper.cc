#include "bridge/stamper.h"

#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "net/rounds.h"
#include "net/spawn.h"
#include "store/event_numbers.h"

namespace waypost::bridge {
namespace {

constexpr sql::LaneKey kKey = 0x57a39;
constexpr std::chrono::seconds kComplainEvery{10};

}  // namespace

std::chrono::milliseconds rest_behind(std::size_t numbered, std::chrono::milliseconds since,
                                      const StamperSettings& settings) {
  if (numbered >= settings.most) return std::chrono::milliseconds(0);
  if (numbered > 0) return settings.busy;
  return since < settings.quiet_after ? settings.idle : settings.quiet;
}

struct Stamper::State {
  State(asio::any_io_executor on, sql::Database& by, std::function<bool()> is_mine, StamperSettings set)
      : loop(std::move(on)), database(by), mine(std::move(is_mine)), settings(set), rounds(loop) {}

  // Constant after construction.
  const asio::any_io_executor loop;
  sql::Database& database;
  const std::function<bool()> mine;
  const StamperSettings settings;

  std::chrono::steady_clock::time_point complained{};
  std::chrono::steady_clock::time_point found{};  // some events, last
  Rounds rounds;

  static awaitable<void> run(std::shared_ptr<State> state);
  awaitable<std::size_t> pass();
  std::chrono::milliseconds rest(std::size_t numbered);
  void complain(const Error& error);
};

awaitable<void> Stamper::State::run(std::shared_ptr<State> state) {
  while (state->rounds.go_on()) {
    const auto numbered = state->mine() ? co_await state->pass() : 0;
    co_await state->rounds.rest(state->rest(numbered));
  }
  state->rounds.over();
}

awaitable<std::size_t> Stamper::State::pass() {
  static auto& numbers = counter("waypost_events_numbered_total", "Events that this node gave their numbers");
  const auto numbered = co_await database.write(
      kKey, [most = settings.most](sql::Connection& connection) { return store::number_events(connection, most); });
  if (!numbered) {
    if (rounds.go_on()) complain(numbered.error());
    co_return 0;
  }
  numbers.Increment(static_cast<double>(*numbered));
  co_return *numbered;
}

std::chrono::milliseconds Stamper::State::rest(std::size_t numbered) {
  const auto now = std::chrono::steady_clock::now();
  if (numbered > 0) found = now;
  return rest_behind(numbered, std::chrono::duration_cast<std::chrono::milliseconds>(now - found), settings);
}

void Stamper::State::complain(const Error& error) {
  const auto now = std::chrono::steady_clock::now();
  if (now - complained < kComplainEvery) return;
  complained = now;
  log::warn("events wait for their numbers: {}", error.words());
}

Stamper::Stamper(asio::any_io_executor loop, sql::Database& database, std::function<bool()> mine,
                 StamperSettings settings)
    : state_(std::make_shared<State>(std::move(loop), database, std::move(mine), settings)) {}

Stamper::~Stamper() { state_->rounds.abandon(); }

void Stamper::start() {
  state_->rounds.begin();
  spawn(state_->loop, "stamper", State::run(state_));
}

awaitable<void> Stamper::stop() {
  const auto state = state_;
  co_await state->rounds.stop();
}

}  // namespace waypost::bridge
