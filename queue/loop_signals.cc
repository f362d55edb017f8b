#include "queue/loop_signals.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/metrics.h"
#include "net/spawn.h"
#include "queue/pending_offers.h"

namespace waypost {

namespace {

void count_dropped(std::size_t offers) {
  static auto& dropped =
      counter("waypost_signals_dropped_total", "Signals that Redis did not take; the sweep finds them");
  dropped.Increment(static_cast<double>(offers));
}

// One queue's side.
struct Outlet {
  KeyedQueue* queue = nullptr;
  PendingOffers pending;
  std::vector<WorkerPool*> pools;
};

}  // namespace

struct LoopSignals::State : std::enable_shared_from_this<State> {
  State(asio::any_io_executor on, const WorkQueues& queues) : loop(std::move(on)), ended(loop) {
    for (const auto name : kQueueNames) outlet(name).queue = &queues.of(name);
  }

  // Constant after construction.
  asio::any_io_executor loop;

  // Loop only.
  std::array<Outlet, kQueueNames.size()> outlets;
  asio::steady_timer ended;
  bool flushing = false;
  bool stopping = false;

  Outlet& outlet(QueueName queue) { return outlets.at(static_cast<std::size_t>(queue)); }
  bool has_pending() const {
    return std::ranges::any_of(outlets, [](const Outlet& outlet) { return !outlet.pending.empty(); });
  }
  void add(const std::vector<Signal>& signals) {
    if (stopping) return count_dropped(signals.size());
    for (const auto& signal : signals) {
      if (!outlet(signal.queue).pending.add({.key = signal.key, .due = signal.due})) count_dropped(1);
    }
    if (!std::exchange(flushing, true)) spawn(loop, "signals", flush(shared_from_this()));
  }
  static awaitable<void> flush(std::shared_ptr<State> state) {
    while (state->has_pending()) {
      for (auto& outlet : state->outlets) co_await offer_pending(outlet);
    }
    state->flushing = false;
    state->ended.cancel();
  }
  // `outlet` is the state's, which flush() holds. The pools look at once: on our connection their turn goes behind the
  // first script of the offer, without a round trip in between.
  static awaitable<void> offer_pending(Outlet& outlet) {
    if (outlet.pending.empty()) co_return;
    auto offers = outlet.pending.take();
    const auto size = offers.size();
    for (auto* pool : outlet.pools) pool->wake();
    const auto offered = co_await outlet.queue->offer(std::move(offers));
    if (!offered) co_return count_dropped(size);
    if (size <= KeyedQueue::kOffersAtOnce) co_return;
    for (auto* pool : outlet.pools) pool->wake();
  }
};

LoopSignals::LoopSignals(asio::any_io_executor loop, const WorkQueues& queues)
    : state_(std::make_shared<State>(std::move(loop), queues)) {}

LoopSignals::~LoopSignals() = default;

void LoopSignals::offer(std::vector<Signal> signals) {
  if (signals.empty()) return;
  asio::post(state_->loop, [state = state_, signals = std::move(signals)] { state->add(signals); });
}

void LoopSignals::wakes(QueueName queue, WorkerPool& pool) { state_->outlet(queue).pools.push_back(&pool); }

awaitable<void> LoopSignals::stop() {
  const auto state = state_;
  co_await asio::post(state->loop, asio::use_awaitable);  // behind what other threads have posted before
  state->stopping = true;
  while (state->flushing) {
    state->ended.expires_at(asio::steady_timer::time_point::max());
    co_await state->ended.async_wait(kToken);
  }
  for (auto& outlet : state->outlets) outlet.pools.clear();
}

}  // namespace waypost
