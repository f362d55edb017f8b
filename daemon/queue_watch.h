// QueueWatch: keeps what operators see and said of the queues true. On the node that sweeps, Redis is told which owners
// are paused before all work is offered again, and before each look for overdue work, every few seconds, so that a
// FLUSHALL forgets a stop button for no longer; the queues' gauges are made; and failures that are over are forgotten.
// Every node shows how far its own webhooks are applied. Loop only.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "api/api.h"
#include "base/clock.h"
#include "net/asio.h"
#include "queue/keyed_queue.h"
#include "queue/sweep.h"
#include "sql/database.h"

namespace waypost {

// All outlive it or its stop().
struct QueueWatchParts {
  asio::any_io_executor loop;
  sql::Database& database;
  const Clock& clock;
  WorkQueues queues;
};

class QueueWatch {
 public:
  static constexpr std::chrono::milliseconds kShownEvery{15'000};

  explicit QueueWatch(QueueWatchParts parts);
  QueueWatch(const QueueWatch&) = delete;
  QueueWatch& operator=(const QueueWatch&) = delete;
  ~QueueWatch();

  // Asked on the loop.
  struct Hooks {
    std::function<bool()> mine = [] { return true; };  // this node sweeps
    // Webhooks received before are applied; nothing: this node takes none.
    std::function<std::optional<Time>()> applied_until = [] { return std::nullopt; };
  };
  // Any thread, once.
  void start(Hooks hooks);
  // Returns when a round in progress is over; its gauges are gone.
  awaitable<void> stop();

  // Unavailable while Redis is away.
  awaitable<Result<QueueState>> state(QueueName queue);
  // What the rows say when it begins, or later, is in force when it returns; where somebody else tells at the same
  // time, a moment later at most.
  awaitable<Result<void>> sync_pauses();
  // The source, before whose first page of all that is due, or overdue, Redis is told who is paused.
  SweepSource behind_pauses(SweepSource source);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace waypost
