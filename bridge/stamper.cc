#include "bridge/stamper.h"

#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "net/spawn.h"
#include "store/event_numbers.h"

namespace waypost::bridge {
namespace {

constexpr sql::LaneKey kKey = 0x57a39;
constexpr std::chrono::seconds kComplainEvery{10};

}  // namespace

std::chrono::milliseconds rest_behind(std::size_t numbered, const StamperSettings& settings) {
  if (numbered >= settings.most) return std::chrono::milliseconds(0);
  return numbered > 0 ? settings.busy : settings.idle;
}

struct Stamper::State {
  State(asio::any_io_executor on, sql::Database& by, std::function<bool()> is_mine, StamperSettings set)
      : loop(std::move(on)), database(by), mine(std::move(is_mine)), settings(set), tick(loop), ended(loop) {}

  // Constant after construction.
  const asio::any_io_executor loop;
  sql::Database& database;
  const std::function<bool()> mine;
  const StamperSettings settings;

  bool running = false;
  bool stopping = false;
  std::chrono::steady_clock::time_point complained{};
  asio::steady_timer tick;
  asio::steady_timer ended;

  static awaitable<void> run(std::shared_ptr<State> state);
  awaitable<std::size_t> pass();
  awaitable<void> rest(std::chrono::milliseconds pause);
  void complain(const Error& error);
};

awaitable<void> Stamper::State::run(std::shared_ptr<State> state) {
  while (!state->stopping) {
    const auto numbered = state->mine() ? co_await state->pass() : 0;
    co_await state->rest(rest_behind(numbered, state->settings));
  }
  state->running = false;
  state->ended.cancel();
}

awaitable<std::size_t> Stamper::State::pass() {
  static auto& numbers = counter("waypost_events_numbered_total", "Events that this node gave their numbers");
  const auto numbered = co_await database.write(
      kKey, [most = settings.most](sql::Connection& connection) { return store::number_events(connection, most); });
  if (!numbered) {
    if (!stopping) complain(numbered.error());
    co_return 0;
  }
  numbers.Increment(static_cast<double>(*numbered));
  co_return *numbered;
}

awaitable<void> Stamper::State::rest(std::chrono::milliseconds pause) {
  if (stopping || pause.count() == 0) co_return;
  tick.expires_after(pause);
  co_await tick.async_wait(kToken);
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

Stamper::~Stamper() { state_->stopping = true; }

void Stamper::start() {
  state_->running = true;
  spawn(state_->loop, "stamper", State::run(state_));
}

awaitable<void> Stamper::stop() {
  const auto state = state_;
  state->stopping = true;
  state->tick.cancel();
  while (state->running) {
    state->ended.expires_at(asio::steady_timer::time_point::max());
    co_await state->ended.async_wait(kToken);
  }
}

}  // namespace waypost::bridge
