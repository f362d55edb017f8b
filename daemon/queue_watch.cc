#include "daemon/queue_watch.h"

#include <array>
#include <utility>
#include <vector>

#include "api/queue_report.h"
#include "api/queue_view.h"
#include "base/log.h"
#include "daemon/queue_gauges.h"
#include "net/rounds.h"
#include "net/spawn.h"
#include "store/letter_list.h"
#include "store/queue_pauses.h"
#include "store/work_failures.h"

namespace waypost {
namespace {

constexpr std::size_t kClearedTogether = 200;
constexpr std::int64_t kMostLetters = 10'000;

using PausedOwners = std::array<std::vector<TenantId>, store::kWorkQueues.size()>;  // by queue

PausedOwners read_paused(sql::Connection& connection) {
  PausedOwners owners;
  for (const auto queue : store::kWorkQueues)
    owners.at(static_cast<std::size_t>(queue)) = store::paused_owners(connection, queue);
  return owners;
}

// What the store says of the queues, and the names of all that is shown.
struct Rows {
  std::vector<store::QueueSight> sights{};  // as kWorkQueues
  std::map<TenantId, std::string> names{};
  std::vector<store::WorkKey> settled{};
  std::map<std::string, std::int64_t> letters{};
};

Rows read_rows(sql::Connection& connection, std::vector<TenantId> shown, Time now) {
  Rows rows{.settled = store::settled_failures(connection, kClearedTogether, now),
            .letters = store::waiting_letters(connection, kMostLetters)};
  for (const auto queue : store::kWorkQueues) {
    rows.sights.push_back(store::look_at_queue(connection, queue, now));
    for (const auto& [tenant, since] : api::shown_oldest(rows.sights.back().oldest).top) shown.push_back(tenant);
  }
  rows.names = store::names_of_workspaces(connection, shown);
  return rows;
}

}  // namespace

struct QueueWatch::State {
  explicit State(QueueWatchParts given) : parts(std::move(given)), rounds(parts.loop) {}

  // Constant after construction.
  const QueueWatchParts parts;
  Hooks hooks;

  // Loop only.
  Rounds rounds;
  QueueGauges gauges;

  static awaitable<void> run(std::shared_ptr<State> state);
  static awaitable<Result<SweepPage>> read_behind_pauses(std::shared_ptr<State> state, SweepSource source, DueSpan span,
                                                         std::string cursor);
  awaitable<void> show();
  awaitable<Result<QueueGauges::Figures>> read();
  awaitable<Result<std::vector<store::WorkKey>>> add_rows(QueueGauges::Figures& figures);
  awaitable<void> clear(std::vector<store::WorkKey> settled);
  awaitable<Result<QueueState>> ask(KeyedQueue& queue);
  awaitable<Result<void>> sync();
  awaitable<Result<PausedOwners>> read_pauses();
  awaitable<Result<void>> tell(PausedOwners paused);
};

// Whoever sweeps: until somebody does, a Redis that forgot the pauses does not stop what it is offered.
awaitable<void> QueueWatch::State::run(std::shared_ptr<State> state) {
  const auto told = co_await state->sync();
  if (!told) log::debug("Redis is not told who is paused: {}", told.error().words());
  while (state->rounds.go_on()) {
    co_await state->show();
    co_await state->rounds.rest(kShownEvery);
  }
  state->gauges.show({}, state->parts.clock.now());
  state->rounds.over();
}

// Redis first, then the rows with the names of what Redis has shown.
awaitable<void> QueueWatch::State::show() {
  const auto figures = co_await read();
  if (figures)
    gauges.show(*figures, parts.clock.now());
  else
    log::debug("the queues' gauges are not made: {}", figures.error().words());
}

awaitable<Result<QueueGauges::Figures>> QueueWatch::State::read() {
  QueueGauges::Figures figures{.webhooks = hooks.applied_until()};
  if (!hooks.mine()) co_return figures;
  for (const auto queue : store::kWorkQueues) {
    QueueFigures of{.queue = queue};
    auto asked = co_await ask(parts.queues.of(api::queue_name(queue)));
    if (asked) of.redis = *std::move(asked);
    figures.queues.push_back(std::move(of));
  }
  auto settled = co_await add_rows(figures);
  if (!settled) co_return fail(settled.error());
  if (!settled->empty()) co_await clear(*std::move(settled));
  co_return figures;
}

awaitable<Result<std::vector<store::WorkKey>>> QueueWatch::State::add_rows(QueueGauges::Figures& figures) {
  std::vector<TenantId> shown;
  for (const auto& of : figures.queues) {
    if (!of.redis) continue;
    for (const auto& owner : api::shown_owners(of.redis->owners).top) shown.push_back(owner.owner);
  }
  auto rows =
      co_await parts.database.read([shown = std::move(shown), now = parts.clock.now()](sql::Connection& connection) {
        return read_rows(connection, shown, now);
      });
  if (!rows) co_return fail(rows.error());
  for (std::size_t at = 0; at < figures.queues.size(); ++at) figures.queues[at].sight = std::move(rows->sights.at(at));
  figures.names = std::move(rows->names);
  figures.letters = std::move(rows->letters);
  co_return std::move(rows->settled);
}

awaitable<void> QueueWatch::State::clear(std::vector<store::WorkKey> settled) {
  const auto cleared = co_await parts.database.write(
      0,
      [settled = std::move(settled), now = parts.clock.now()](sql::Connection& connection) {
        store::clear_settled(connection, settled, now);
      },
      sql::Urgency::Bulk);
  if (!cleared) log::debug("failures that are over are not forgotten yet: {}", cleared.error().words());
}

awaitable<Result<QueueState>> QueueWatch::State::ask(KeyedQueue& queue) {
  const auto stats = co_await queue.stats();
  if (!stats) co_return fail(stats.error());
  auto owners = co_await queue.owner_stats();
  if (!owners) co_return fail(owners.error());
  co_return QueueState{.stats = *stats, .owners = *std::move(owners)};
}

// Of two at a time, here or on two nodes, the one that read earlier may tell last. So nobody leaves before the rows are
// what was told: then whoever told last told the truth.
awaitable<Result<void>> QueueWatch::State::sync() {
  auto paused = co_await read_pauses();
  while (paused) {
    if (auto told = co_await tell(*paused); !told) co_return told;
    auto now = co_await read_pauses();
    if (now && *now == *paused) co_return Result<void>();
    paused = std::move(now);
  }
  co_return fail(std::move(paused).error());
}

awaitable<Result<PausedOwners>> QueueWatch::State::read_pauses() {
  co_return co_await parts.database.read([](sql::Connection& connection) { return read_paused(connection); });
}

awaitable<Result<void>> QueueWatch::State::tell(PausedOwners paused) {
  for (const auto queue : store::kWorkQueues) {
    auto told = co_await parts.queues.of(api::queue_name(queue))
                    .set_paused(std::move(paused.at(static_cast<std::size_t>(queue))));
    if (!told) co_return told;
  }
  co_return Result<void>();
}

awaitable<Result<SweepPage>> QueueWatch::State::read_behind_pauses(std::shared_ptr<State> state, SweepSource source,
                                                                   DueSpan span, std::string cursor) {
  if (cursor.empty() && span.from == Time::min()) {
    if (auto told = co_await state->sync(); !told) co_return fail(std::move(told).error());
  }
  co_return co_await source(span, std::move(cursor));
}

QueueWatch::QueueWatch(QueueWatchParts parts) : state_(std::make_shared<State>(std::move(parts))) {}

QueueWatch::~QueueWatch() { state_->rounds.abandon(); }

void QueueWatch::start(Hooks hooks) {
  state_->hooks = std::move(hooks);
  state_->rounds.begin();
  spawn(state_->parts.loop, "queue watch", State::run(state_));
}

awaitable<void> QueueWatch::stop() {
  const auto state = state_;
  co_await state->rounds.stop();
}

awaitable<Result<QueueState>> QueueWatch::state(QueueName queue) {
  const auto state = state_;
  co_return co_await state->ask(state->parts.queues.of(queue));
}

awaitable<Result<void>> QueueWatch::sync_pauses() {
  const auto state = state_;
  co_return co_await state->sync();
}

SweepSource QueueWatch::behind_pauses(SweepSource source) {
  return [state = state_, source = std::move(source)](DueSpan span, std::string cursor) {
    return State::read_behind_pauses(state, source, span, std::move(cursor));
  };
}

}  // namespace waypost
