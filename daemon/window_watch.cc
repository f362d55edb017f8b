#include "daemon/window_watch.h"

#include <utility>

#include "base/log.h"
#include "net/rounds.h"
#include "net/spawn.h"
#include "store/window_closing.h"

namespace waypost {
namespace {

constexpr sql::LaneKey kKey = 0x71d0;
constexpr std::size_t kMostAtOnce = 100;  // a unit of these delays no reply
constexpr std::chrono::seconds kComplainEvery{60};

}  // namespace

struct WindowWatch::State {
  State(WindowWatchParts with, WindowWatchSettings set) : parts(std::move(with)), settings(set), rounds(parts.loop) {}

  // Constant after construction.
  const WindowWatchParts parts;
  const WindowWatchSettings settings;

  std::chrono::steady_clock::time_point complained{};
  Rounds rounds;

  static awaitable<void> run(std::shared_ptr<State> state);
  // How many conversations were looked at.
  awaitable<Result<std::size_t>> pass();
  void complain(const Error& error);
};

awaitable<void> WindowWatch::State::run(std::shared_ptr<State> state) {
  while (state->rounds.go_on()) {
    const bool has_work = state->settings.notice.count() > 0 && state->parts.mine();
    const auto looked = has_work ? co_await state->pass() : Result<std::size_t>(0);
    if (!looked && state->rounds.go_on()) state->complain(looked.error());
    const bool is_behind = looked && *looked == kMostAtOnce;
    co_await state->rounds.rest(is_behind ? std::chrono::milliseconds(0) : state->settings.every);
  }
  state->rounds.over();
}

awaitable<Result<std::size_t>> WindowWatch::State::pass() {
  const Time now = parts.clock.now();
  auto due = co_await parts.database.read(
      [now](sql::Connection& connection) { return store::due_closing_looks(connection, now, kMostAtOnce); });
  if (!due) co_return fail(std::move(due.error()));
  const std::size_t looked = due->size();
  if (looked == 0) co_return looked;
  auto unit = [looks = *std::move(due), notice = settings.notice, now](sql::Connection& connection) {
    return store::look_at_closing(connection, looks, notice, now);
  };
  const auto told = co_await parts.database.write(kKey, std::move(unit), sql::Urgency::Bulk);
  if (!told) co_return fail(told.error());
  co_return looked;
}

void WindowWatch::State::complain(const Error& error) {
  const auto now = std::chrono::steady_clock::now();
  if (now - complained < kComplainEvery) return;
  complained = now;
  log::warn("windows that end soon are not told now, the next rounds go on: {}", error.words());
}

WindowWatch::WindowWatch(WindowWatchParts parts, WindowWatchSettings settings)
    : state_(std::make_shared<State>(std::move(parts), settings)) {}

WindowWatch::~WindowWatch() { state_->rounds.abandon(); }

void WindowWatch::start() {
  state_->rounds.begin();
  spawn(state_->parts.loop, "window watch", State::run(state_));
}

awaitable<void> WindowWatch::stop() {
  const auto state = state_;
  co_await state->rounds.stop();
}

}  // namespace waypost
