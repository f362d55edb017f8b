#include "store/lease_keeper.h"

#include <atomic>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "net/rounds.h"
#include "net/spawn.h"

namespace waypost::store {

namespace {

using Instant = LeaseWatch::Instant;

Instant steady_now() { return std::chrono::steady_clock::now(); }

}  // namespace

struct LeaseKeeper::State {
  State(LeaseKeeperParts with, LeaseKeeperSettings set)
      : parts(std::move(with)),
        settings(std::move(set)),
        watch(settings.holder, settings.terms),
        rounds(parts.loop),
        shown(gauge("waypost_lease_held", "1 while this node does the job of that name", {{"name", settings.name}})) {}

  // Constant after construction.
  LeaseKeeperParts parts;
  const LeaseKeeperSettings settings;

  // Loop only.
  LeaseWatch watch;
  bool was_held = false;
  Rounds rounds;
  prometheus::Gauge& shown;

  std::atomic<Instant> until = Instant::min();

  static awaitable<void> run(std::shared_ptr<State> state);
  milliseconds pause() const;
  awaitable<void> look();
  awaitable<void> take();
  awaitable<void> renew();
  awaitable<void> give_back();
  void tell();
  LeaseClaim claim() const {
    return {.name = settings.name,
            .holder = settings.holder,
            .version = watch.version(),
            .expires_at = parts.clock.now() + settings.terms.ttl};
  }
  // Runs one of store/leases.h's CAS units.
  auto change(std::optional<std::int64_t> (*unit)(sql::Connection&, const LeaseClaim&)) {
    return parts.database.write(kKey,
                                [unit, of = claim()](sql::Connection& connection) { return unit(connection, of); });
  }
  static constexpr sql::LaneKey kKey = 0x1ea5e;
};

awaitable<void> LeaseKeeper::State::run(std::shared_ptr<State> state) {
  while (state->rounds.go_on()) {
    if (state->watch.holds(steady_now())) {
      co_await state->renew();
    } else {
      co_await state->look();
      if (state->watch.may_take(steady_now())) co_await state->take();
    }
    state->tell();
    co_await state->rounds.rest(state->pause());
  }
  co_await state->give_back();
  state->rounds.over();
}

// Others look four times as often as the holder renews, so that they lose little time once they may take.
milliseconds LeaseKeeper::State::pause() const {
  return watch.holds(steady_now()) ? settings.terms.renew : settings.terms.renew / 4;
}

awaitable<void> LeaseKeeper::State::look() {
  const auto lease = co_await parts.database.read(
      [name = settings.name](sql::Connection& connection) { return look_at_lease(connection, name); });
  if (lease) watch.saw(*lease, steady_now());
}

awaitable<void> LeaseKeeper::State::take() {
  const auto sent_at = steady_now();
  const auto version = co_await change(take_lease);
  if (version && *version) watch.renewed(**version, sent_at);
}

// A store that does not answer takes nothing away yet: the belief ends by itself.
awaitable<void> LeaseKeeper::State::renew() {
  const auto sent_at = steady_now();
  const auto version = co_await change(renew_lease);
  if (!version) co_return;
  if (*version)
    watch.renewed(**version, sent_at);
  else
    watch.lost();
}

awaitable<void> LeaseKeeper::State::give_back() {
  const bool held = watch.holds(steady_now());
  watch.lost();
  tell();
  if (!held) co_return;
  const auto given = co_await parts.database.write(
      kKey, [of = claim()](sql::Connection& connection) { return release_lease(connection, of); });
  if (!given) log::warn("the lease {} is not given back, it ends by itself: {}", settings.name, given.error().words());
}

void LeaseKeeper::State::tell() {
  const bool holds = watch.holds(steady_now());
  until = watch.holds_until();
  shown.Set(holds ? 1 : 0);
  if (holds != was_held)
    log::info("the job {} is {} this node", settings.name, holds ? "done by" : "no longer done by");
  was_held = holds;
}

LeaseKeeper::LeaseKeeper(LeaseKeeperParts parts, LeaseKeeperSettings settings)
    : state_(std::make_shared<State>(std::move(parts), std::move(settings))) {}

LeaseKeeper::~LeaseKeeper() { state_->rounds.abandon(); }

void LeaseKeeper::start() {
  state_->rounds.begin();
  spawn(state_->parts.loop, "lease", State::run(state_));
}

awaitable<void> LeaseKeeper::stop() {
  const auto state = state_;
  co_await state->rounds.stop();
}

bool LeaseKeeper::held() const { return steady_now() < state_->until.load(); }

}  // namespace waypost::store
