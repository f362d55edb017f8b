#include "queue/worker_pool.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "base/metrics.h"
#include "net/spawn.h"

namespace waypost {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// The oldest complaint a night's reader needs: more often than this says nothing new.
constexpr std::chrono::seconds kComplainEvery{10};

// What the coroutines of a pool share; the last of them ends it. Loop only.
struct Pool : std::enable_shared_from_this<Pool> {
  Pool(std::string called, asio::any_io_executor on, KeyedQueue& from, WorkerSettings with, WorkHandler work)
      : name(std::move(called)),
        loop(std::move(on)),
        queue(from),
        settings(with),
        handler(std::move(work)),
        wake(loop),
        extend(loop),
        ended(loop),
        handled(counter("waypost_pool_handled_total", "Keys a pool has handled", {{"pool", name}})),
        failed(counter("waypost_pool_failed_total", "Keys whose handler failed", {{"pool", name}})),
        lost(counter("waypost_pool_leases_lost_total", "Leases lost while a handler ran", {{"pool", name}})),
        busy(gauge("waypost_pool_busy", "Handlers that run", {{"pool", name}})) {}

  // Constant after construction.
  std::string name;
  asio::any_io_executor loop;
  KeyedQueue& queue;
  WorkerSettings settings;
  WorkHandler handler;

  // The coroutines' state.
  std::map<std::uint64_t, Lease> held;  // by token: extended until it is given back
  std::vector<Return> finished;         // to be given back with the next turn
  std::size_t active = 0;               // handlers
  int coroutines = 0;                   // all of ours
  bool woken = false;
  bool stopping = false;
  SteadyTime complained;
  asio::steady_timer wake;
  asio::steady_timer extend;
  asio::steady_timer ended;

  prometheus::Counter& handled;
  prometheus::Counter& failed;
  prometheus::Counter& lost;
  prometheus::Gauge& busy;

  void start(const char* what, awaitable<void> work) {
    ++coroutines;
    spawn(loop, what, counted(shared_from_this(), std::move(work)));
  }
  static awaitable<void> counted(std::shared_ptr<Pool> pool, awaitable<void> work) {
    co_await std::move(work);
    --pool->coroutines;
    pool->ended.cancel();
  }
  void look_now() {
    woken = true;
    wake.cancel();
  }
  void complain(const Error& error) {
    const auto now = std::chrono::steady_clock::now();
    if (now - complained < kComplainEvery) return;
    complained = now;
    log::warn("pool {}: {}", name, error.words());
  }

  awaitable<void> take_loop();
  awaitable<std::chrono::milliseconds> take_turn();
  std::chrono::milliseconds pause_behind(const Turn& turn, std::size_t free) const;
  std::size_t bulk_places() const;
  awaitable<void> rest(std::chrono::milliseconds pause);
  awaitable<void> handle(Lease lease);
  awaitable<std::optional<Time>> handle_key(ReadyKey key);
  awaitable<WorkOutcome> guarded(ReadyKey key);
  awaitable<void> extend_loop();
  void begin(const Lease& lease);
};

// Ends behind the last handler, when what it held is given back.
awaitable<void> Pool::take_loop() {
  const auto has_work = [this] { return !stopping || active > 0 || !finished.empty(); };
  while (has_work()) {
    const auto pause = co_await take_turn();
    if (has_work()) co_await rest(pause);
  }
}

// Gives back what is finished and fills the free slots; gives how long there is nothing to look for.
awaitable<std::chrono::milliseconds> Pool::take_turn() {
  const std::size_t free = stopping ? 0 : settings.workers - active;
  TurnWish wish{.returns = std::exchange(finished, {}), .most = free, .bulk = bulk_places()};
  if (wish.returns.empty() && free == 0) co_return settings.poll;
  const auto turn = co_await queue.turn(wish);
  if (!turn) {
    complain(turn.error());
    // A lease that Redis still knows would hold its key back until it runs out; at the end it must.
    if (!stopping) std::ranges::move(wish.returns, std::back_inserter(finished));
    co_return settings.retry_pause;
  }
  for (const auto& lease : turn->lost) lost.Increment(static_cast<double>(held.erase(lease.token)));
  for (const auto& [lease, due] : wish.returns) held.erase(lease.token);
  for (const auto& lease : turn->taken) {
    if (stopping) {
      finished.push_back({.lease = lease, .due = Time()});  // another node's at once
    } else {
      begin(lease);
    }
  }
  co_return pause_behind(*turn, free);
}

std::chrono::milliseconds Pool::pause_behind(const Turn& turn, std::size_t free) const {
  if (!finished.empty()) return std::chrono::milliseconds(0);
  if (turn.taken.size() == free) return settings.poll;  // full: until a handler ends
  if (!turn.taken.empty()) return std::chrono::milliseconds(0);
  return std::min(settings.poll, turn.next.value_or(settings.poll));
}

// How many more Bulk keys may be in hand.
std::size_t Pool::bulk_places() const {
  const auto bulk = static_cast<std::size_t>(
      std::ranges::count(held, Stream::Bulk, [](const auto& entry) { return entry.second.key.stream; }));
  const auto most = std::max<std::size_t>(settings.workers * settings.bulk_percent / 100, 1);
  return most > bulk ? most - bulk : 0;
}

awaitable<void> Pool::rest(std::chrono::milliseconds pause) {
  if (!woken) {
    wake.expires_after(pause);
    co_await wake.async_wait(kToken);
  }
  woken = false;
}

void Pool::begin(const Lease& lease) {
  ++active;
  held.emplace(lease.token, lease);
  busy.Set(static_cast<double>(active));
  start("pool handler", handle(lease));
}

awaitable<void> Pool::handle(Lease lease) {
  const auto due = co_await handle_key(lease.key);
  finished.push_back({.lease = lease, .due = due});
  --active;
  handled.Increment();
  busy.Set(static_cast<double>(active));
  if (stopping) extend.cancel();
  look_now();
}

awaitable<std::optional<Time>> Pool::handle_key(ReadyKey key) {
  auto outcome = co_await guarded(key);
  if (outcome) co_return *outcome;
  failed.Increment();
  complain(std::move(outcome).error().during("handling a key"));
  co_return SystemClock().now() + settings.retry_pause;
}

// The one catch of a worker.
awaitable<WorkOutcome> Pool::guarded(ReadyKey key) {
  std::string fault;
  try {
    co_return co_await handler(key);
  } catch (const std::exception& thrown) {
    fault = thrown.what();
  }
  co_return fail(ErrorKind::Internal, fault);
}

awaitable<void> Pool::extend_loop() {
  while (!stopping || active > 0) {
    extend.expires_after(queue.lease() / 3);
    const auto [cancelled] = co_await extend.async_wait(kToken);
    if (cancelled || held.empty()) continue;
    std::vector<Lease> leases;
    for (const auto& [token, lease] : held) leases.push_back(lease);
    const auto gone = co_await queue.extend_all(std::move(leases));
    if (!gone) continue;
    for (const auto& lease : *gone) lost.Increment(static_cast<double>(held.erase(lease.token)));
  }
}

class LoopPool final : public WorkerPool {
 public:
  explicit LoopPool(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) {}
  ~LoopPool() override { pool_->stopping = true; }

  void start() override {
    WAYPOST_CHECK(pool_->coroutines == 0 && !pool_->stopping);
    pool_->start("pool", pool_->take_loop());
    pool_->start("pool leases", pool_->extend_loop());
  }
  void wake() override { pool_->look_now(); }
  awaitable<void> stop() override {
    const auto pool = pool_;
    pool->stopping = true;
    pool->look_now();
    pool->extend.cancel();
    while (pool->coroutines > 0) {
      pool->ended.expires_at(asio::steady_timer::time_point::max());
      co_await pool->ended.async_wait(kToken);
    }
  }

 private:
  std::shared_ptr<Pool> pool_;
};

}  // namespace

std::unique_ptr<WorkerPool> WorkerPool::make(std::string name, asio::any_io_executor loop, KeyedQueue& queue,
                                             WorkerSettings settings, WorkHandler handler) {
  return std::make_unique<LoopPool>(
      std::make_shared<Pool>(std::move(name), std::move(loop), queue, settings, std::move(handler)));
}

}  // namespace waypost
