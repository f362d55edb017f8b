#include "queue/worker_pool.h"

#include <algorithm>
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

struct Unreleased {
  Lease lease;
  std::optional<Time> due;
};

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
  std::map<std::uint64_t, Lease> held;  // by token: extended while the handler runs
  std::vector<Unreleased> unreleased;   // Redis was away when the handler ended
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
  awaitable<std::chrono::milliseconds> take_some();
  awaitable<std::chrono::milliseconds> give_back(std::vector<Lease> leases);
  awaitable<std::chrono::milliseconds> pause_when_empty();
  awaitable<void> rest(std::chrono::milliseconds pause);
  awaitable<void> release_again();
  awaitable<void> handle(Lease lease);
  awaitable<std::optional<Time>> handle_key(ReadyKey key);
  awaitable<WorkOutcome> guarded(ReadyKey key);
  awaitable<void> extend_loop();
  void begin(const Lease& lease);
};

awaitable<void> Pool::take_loop() {
  while (!stopping) {
    co_await release_again();
    const auto pause = co_await take_some();
    co_await rest(pause);
  }
}

// Fills the free slots; gives how long there is nothing to look for.
awaitable<std::chrono::milliseconds> Pool::take_some() {
  const auto free = settings.workers - active;
  if (free == 0) co_return settings.poll;
  auto leases = co_await queue.take(free);
  if (!leases) {
    complain(leases.error());
    co_return settings.retry_pause;
  }
  if (stopping) co_return co_await give_back(std::move(*leases));
  for (const auto& lease : *leases) begin(lease);
  if (leases->size() == free) co_return settings.poll;
  if (!leases->empty()) co_return std::chrono::milliseconds(0);
  co_return co_await pause_when_empty();
}

// What was taken while stop() was called is another node's at once.
awaitable<std::chrono::milliseconds> Pool::give_back(std::vector<Lease> leases) {
  for (const auto& lease : leases) {
    const auto released = co_await queue.release(lease, Time());
    if (!released) unreleased.push_back({.lease = lease, .due = Time()});
  }
  co_return std::chrono::milliseconds(0);
}

awaitable<std::chrono::milliseconds> Pool::pause_when_empty() {
  const auto next = co_await queue.next_wake();
  if (!next || !*next) co_return settings.poll;
  co_return std::min(settings.poll, **next);
}

awaitable<void> Pool::rest(std::chrono::milliseconds pause) {
  if (!woken && !stopping) {
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
  const auto released = co_await queue.release(lease, due);
  if (!released) unreleased.push_back({.lease = lease, .due = due});
  held.erase(lease.token);
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

// A lease that Redis still knows would hold its key back until it runs out.
awaitable<void> Pool::release_again() {
  while (!unreleased.empty()) {
    const auto last = unreleased.back();
    if (!co_await queue.release(last.lease, last.due)) co_return;
    std::erase_if(unreleased, [&last](const Unreleased& one) { return one.lease.token == last.lease.token; });
  }
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
    co_await pool->release_again();
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
