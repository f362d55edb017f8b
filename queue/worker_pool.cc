#include "queue/worker_pool.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "base/metrics.h"
#include "net/spawn.h"
#include "queue/take_ahead.h"

namespace waypost {

namespace {

using std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

// How long a pool with keys in hand lets what is finished come together.
constexpr milliseconds kLinger{1};
// The oldest complaint a night's reader needs: more often than this says nothing new.
constexpr std::chrono::seconds kComplainEvery{10};

// A key that was taken before there was a worker for it.
struct InHand {
  Lease lease{};
  SteadyTime taken_at{};
};

// What the coroutines of a pool share; the last of them ends it. Loop only.
struct Pool : std::enable_shared_from_this<Pool> {
  Pool(std::string called, asio::any_io_executor on, KeyedQueue& from, WorkerSettings with, WorkHandler work)
      : name(std::move(called)),
        loop(std::move(on)),
        queue(from),
        settings(std::move(with)),
        handler(std::move(work)),
        wake(loop),
        extend(loop),
        ended(loop),
        handled(counter("waypost_pool_handled_total", "Keys a pool has handled", {{"pool", name}})),
        failed(counter("waypost_pool_failed_total", "Keys whose handler failed", {{"pool", name}})),
        lost(counter("waypost_pool_leases_lost_total", "Leases lost while a handler ran", {{"pool", name}})),
        busy(gauge("waypost_pool_busy", "Handlers that run", {{"pool", name}})),
        take_time(
            latency("waypost_pool_take_seconds", "A turn in the queue: keys given back and taken", {{"pool", name}})),
        hold_time(latency("waypost_pool_hold_seconds", "How long a handler had a key", {{"pool", name}})) {}

  // Constant after construction.
  std::string name;
  asio::any_io_executor loop;
  KeyedQueue& queue;
  WorkerSettings settings;
  WorkHandler handler;

  // The coroutines' state.
  std::map<std::uint64_t, Lease> held;  // by token: extended until it is given back
  std::deque<InHand> in_hand;           // taken, and not begun
  std::vector<Return> finished;         // to be given back with the next turn
  std::set<ReadyKey> faulty;            // had a fault that is counted, and no success since
  TakeAhead ahead;
  std::size_t active = 0;  // handlers
  int coroutines = 0;      // all of ours
  bool beginning = false;  // begin_all runs
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
  prometheus::Histogram& take_time;
  prometheus::Histogram& hold_time;

  void start(const char* what, awaitable<void> work) {
    ++coroutines;
    spawn(loop, what, counted(shared_from_this(), std::move(work)));
  }
  std::size_t free_workers() const { return stopping || active > settings.workers ? 0 : settings.workers - active; }
  // Workers for owners with few keys in flight, so that one owner's slow keys never have all of them.
  std::size_t kept_workers() const { return settings.workers * settings.kept_percent / 100; }
  // Keys that may be taken now: of anybody, and of those with few in flight.
  std::size_t room() const { return above(free_workers() + ahead_now(), in_hand.size()); }
  std::size_t open_room() const { return above(room(), kept_workers()); }
  std::size_t ahead_now() const { return stopping ? 0 : ahead.keys(settings.workers); }
  static std::size_t above(std::size_t all, std::size_t part) { return all > part ? all - part : 0; }
  // There is so much in hand that the workers will not miss another turn for a while.
  bool well_stocked() const { return in_hand.size() > std::max<std::size_t>(1, ahead_now() / 2); }
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
  awaitable<milliseconds> take_turn();
  milliseconds pause_behind(const Turn& turn, std::size_t wanted) const;
  void put_back();
  std::size_t bulk_places() const;
  awaitable<void> rest(milliseconds pause);
  awaitable<void> handle(Lease lease);
  awaitable<std::optional<Time>> handle_key(ReadyKey key);
  awaitable<WorkOutcome> guarded(ReadyKey key);
  awaitable<std::optional<Time>> after_fault(ReadyKey key, std::string words);
  awaitable<void> after_success(ReadyKey key);
  awaitable<void> extend_loop();
  void begin_all();
};

// Ends behind the last handler, when what it held is given back.
awaitable<void> Pool::take_loop() {
  const auto has_work = [this] { return !stopping || active > 0 || !finished.empty() || !in_hand.empty(); };
  while (has_work()) {
    const auto pause = co_await take_turn();
    if (has_work()) co_await rest(pause);
  }
}

// Gives back what is finished and fills the free workers' and the pool's own hands; gives how long there is nothing to
// look for.
awaitable<milliseconds> Pool::take_turn() {
  put_back();
  const std::size_t wanted = room();
  const std::size_t bulk = bulk_places();
  TurnWish wish{.returns = std::exchange(finished, {}),
                .most = open_room(),
                .bulk = bulk,
                .owner = settings.owner,
                .kept = wanted - open_room(),
                .few = kept_workers()};
  if (wish.returns.empty() && wanted == 0) co_return in_hand.empty() ? settings.poll : TakeAhead::kStale;
  const auto began = std::chrono::steady_clock::now();
  const auto turn = co_await queue.turn(wish);
  if (!turn) {
    complain(turn.error());
    // A lease that Redis still knows would hold its key back until it runs out; at the end it must.
    if (!stopping) std::ranges::move(wish.returns, std::back_inserter(finished));
    co_return settings.retry_pause;
  }
  take_time.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  for (const auto& lease : turn->lost) lost.Increment(static_cast<double>(held.erase(lease.token)));
  for (const auto& [lease, due] : wish.returns) held.erase(lease.token);
  for (const auto& lease : turn->taken) {
    held.emplace(lease.token, lease);
    in_hand.push_back({.lease = lease, .taken_at = began});
  }
  begin_all();
  co_return pause_behind(*turn, wanted);
}

// What nobody begins soon is for another node, at once; and nothing more is taken ahead until handlers are quick again.
void Pool::put_back() {
  const auto fresh = std::chrono::steady_clock::now() - TakeAhead::kStale;
  while (!in_hand.empty() && (stopping || in_hand.front().taken_at < fresh)) {
    finished.push_back({.lease = in_hand.front().lease, .due = Time()});
    in_hand.pop_front();
    ahead = TakeAhead();
  }
}

milliseconds Pool::pause_behind(const Turn& turn, std::size_t wanted) const {
  if (well_stocked()) return kLinger;
  if (!finished.empty()) return milliseconds(0);
  if (!in_hand.empty()) return TakeAhead::kStale;
  if (turn.taken.size() == wanted) return settings.poll;  // full: until a handler ends
  return std::min(settings.poll, turn.next.value_or(settings.poll));
}

// How many more Bulk keys may be in hand, when what is finished is given back.
std::size_t Pool::bulk_places() const {
  const auto is_bulk = [](const Lease& lease) { return lease.key.stream == Stream::Bulk; };
  const auto in_all = std::ranges::count_if(held, [&](const auto& entry) { return is_bulk(entry.second); });
  const auto over = std::ranges::count_if(
      finished, [&](const Return& back) { return is_bulk(back.lease) && held.contains(back.lease.token); });
  const auto bulk = static_cast<std::size_t>(in_all - over);
  const auto most = std::max<std::size_t>(settings.workers * settings.bulk_percent / 100, 1);
  return most > bulk ? most - bulk : 0;
}

awaitable<void> Pool::rest(milliseconds pause) {
  if (!woken) {
    wake.expires_after(pause);
    co_await wake.async_wait(kToken);
  }
  woken = false;
}

// A handler that does not wait ends before start() returns, and calls here.
void Pool::begin_all() {
  if (std::exchange(beginning, true)) return;
  while (!in_hand.empty() && free_workers() > 0) {
    const Lease lease = in_hand.front().lease;
    in_hand.pop_front();
    if (!held.contains(lease.token)) continue;  // its lease was lost meanwhile
    ++active;
    start("pool handler", handle(lease));
  }
  beginning = false;
  busy.Set(static_cast<double>(active));
}

awaitable<void> Pool::handle(Lease lease) {
  const auto began = std::chrono::steady_clock::now();
  const auto due = co_await handle_key(lease.key);
  const auto length = std::chrono::steady_clock::now() - began;
  hold_time.Observe(std::chrono::duration<double>(length).count());
  ahead.note(length);
  finished.push_back({.lease = lease, .due = due});
  --active;
  handled.Increment();
  begin_all();
  if (stopping) extend.cancel();
  if (stopping || !well_stocked()) look_now();
}

awaitable<std::optional<Time>> Pool::handle_key(ReadyKey key) {
  auto outcome = co_await guarded(key);
  if (outcome) {
    const bool waits = outcome->value_or(Time::min()) > SystemClock().now();
    if (!waits && faulty.contains(key)) co_await after_success(key);
    co_return *outcome;
  }
  failed.Increment();
  const bool is_fault = outcome.error().kind() == ErrorKind::Internal;
  auto error = std::move(outcome).error().during("handling a key");
  complain(error);
  if (is_fault && settings.faults.count) co_return co_await after_fault(key, error.words());
  co_return SystemClock().now() + settings.retry_pause;
}

awaitable<std::optional<Time>> Pool::after_fault(ReadyKey key, std::string words) {
  const auto next = co_await settings.faults.count(key, std::move(words));
  if (next) {
    faulty.insert(key);
    co_return *next;
  }
  complain(next.error());
  co_return SystemClock().now() + settings.retry_pause;
}

// Before the key is given back, so that nobody counts a new fault of it meanwhile.
awaitable<void> Pool::after_success(ReadyKey key) {
  const auto forgotten = co_await settings.faults.forget(key);
  if (forgotten)
    faulty.erase(key);
  else
    complain(forgotten.error());
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
      std::make_shared<Pool>(std::move(name), std::move(loop), queue, std::move(settings), std::move(handler)));
}

}  // namespace waypost
