#include "daemon/health_watch.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "net/rounds.h"
#include "net/spawn.h"

namespace waypost {
namespace {

constexpr std::size_t kShown = 50;

// A channel and its health, as the rows say.
struct Sight {
  store::Channel channel{};
  std::optional<store::ChannelHealth> health{};
};

std::vector<Sight> read_sights(sql::Connection& connection) {
  std::map<ChannelId, store::ChannelHealth> known;
  for (auto& health : store::all_health(connection)) known.emplace(health.channel, std::move(health));
  std::vector<Sight> sights;
  for (auto& channel : store::all_channels(connection)) {
    const auto found = known.find(channel.id);
    sights.push_back(
        {.channel = std::move(channel), .health = found == known.end() ? std::nullopt : std::optional(found->second)});
  }
  return sights;
}

std::string status_of(const Sight& sight) { return sight.health ? sight.health->status : "new"; }

int weight_of(const Sight& sight) {
  constexpr std::array<std::string_view, 4> kOrder{"good", "unknown", "warning", "bad"};
  const auto* found = std::ranges::find(kOrder, status_of(sight));
  return found == kOrder.end() ? 1 : static_cast<int>(found - kOrder.begin());
}

}  // namespace

struct HealthWatch::State {
  State(HealthWatchParts with, HealthWatchSettings set) : parts(std::move(with)), settings(set), rounds(parts.loop) {}

  // Constant after construction.
  const HealthWatchParts parts;
  const HealthWatchSettings settings;

  Rounds rounds;
  GaugeSeries counts{"waypost_channels", "Channels by their health"};
  GaugeSeries worst{"waypost_channel_health", "A channel's health: 0 good, 1 unknown, 2 warning, 3 bad; the 50 worst"};

  static awaitable<void> run(std::shared_ptr<State> state);
  awaitable<void> pass();
  bool is_due(const Sight& sight) const;
  void show(std::vector<Sight> sights);
};

awaitable<void> HealthWatch::State::run(std::shared_ptr<State> state) {
  while (state->rounds.go_on()) {
    const bool has_work = state->settings.every.count() > 0 && state->parts.mine();
    if (has_work) co_await state->pass();
    if (!has_work) state->show({});
    co_await state->rounds.rest(state->settings.round);
  }
  state->show({});
  state->rounds.over();
}

awaitable<void> HealthWatch::State::pass() {
  const auto read = [] { return [](sql::Connection& connection) { return read_sights(connection); }; };
  auto sights = co_await parts.database.read(read());
  if (!sights) co_return;
  bool looked = false;
  for (const auto& sight : *sights) {
    if (!rounds.go_on() || !parts.mine()) co_return;
    if (!is_due(sight)) continue;
    const auto seen = co_await parts.looker.look(sight.channel);
    looked = true;
    if (!seen) log::warn("channel {}: its health is not known: {}", sight.channel.id.text(), seen.error().words());
  }
  if (looked) sights = co_await parts.database.read(read());
  if (sights) show(*std::move(sights));
}

bool HealthWatch::State::is_due(const Sight& sight) const {
  return !sight.health || parts.clock.now() - sight.health->checked_at >= settings.every;
}

void HealthWatch::State::show(std::vector<Sight> sights) {
  GaugeSeries::Values by_status;
  for (const auto& sight : sights) ++by_status[{{"status", status_of(sight)}}];
  counts.show(by_status);
  std::ranges::sort(sights, {}, [](const Sight& one) { return std::pair(-weight_of(one), one.channel.id); });
  if (sights.size() > kShown) sights.resize(kShown);
  GaugeSeries::Values by_channel;
  for (const auto& sight : sights)
    by_channel[{{"channel", sight.channel.name}, {"channel_id", sight.channel.id.text()}}] = weight_of(sight);
  worst.show(by_channel);
}

HealthWatch::HealthWatch(HealthWatchParts parts, HealthWatchSettings settings)
    : state_(std::make_shared<State>(std::move(parts), settings)) {}

HealthWatch::~HealthWatch() { state_->rounds.abandon(); }

void HealthWatch::start() {
  state_->rounds.begin();
  spawn(state_->parts.loop, "health watch", State::run(state_));
}

awaitable<void> HealthWatch::stop() {
  const auto state = state_;
  co_await state->rounds.stop();
}

}  // namespace waypost
