// LoopSignals: Signals that are offered by one loop. What comes between two flushes is said once a key and leaves
// together, and the pools that wait for it look with the same write. What Redis does not take is dropped and counted
// (waypost_signals_dropped_total): the sweep finds it.

#pragma once

#include <memory>
#include <vector>

#include "net/asio.h"
#include "queue/signals.h"
#include "queue/worker_pool.h"

namespace waypost {

class LoopSignals final : public Signals {
 public:
  // The queues, on the same loop, outlive it or its stop().
  LoopSignals(asio::any_io_executor loop, const WorkQueues& queues);
  ~LoopSignals() override;

  // Any thread. Dropped after stop().
  void offer(std::vector<Signal> signals) override;
  // Loop only, or before the loop is given anything: `pool` is woken with each offer to `queue`, until stop().
  void wakes(QueueName queue, WorkerPool& pool);
  // Loop only. Offers what has come, takes nothing more and returns when that is done.
  awaitable<void> stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace waypost
