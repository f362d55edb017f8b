// WorkerPool: takes ready keys and runs a handler on each, up to `workers` at a time. Loop only.
//
// The handler reads the key's rows from the store, does what is due and says when to come back. While it runs the pool
// extends the lease; a handler whose lease was lost is not told, because the store's CAS makes its commits harmless.
// Await stop() before the pool or its queue is destroyed, unless the loop has ended.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "queue/keyed_queue.h"

namespace waypost {

// What a handler leaves behind: nothing more to do, or the time to come back. An Error (the store is away) is logged
// and the key comes back after `retry_pause`.
using WorkOutcome = Result<std::optional<Time>>;
using WorkHandler = std::function<awaitable<WorkOutcome>(ReadyKey)>;

// Whoever counts the faults of ours (ErrorKind::Internal) in a row of each key.
struct FaultKeeper {
  // Gives the time of the next try, nothing when there shall be none, an Error when it could not be kept.
  std::function<awaitable<WorkOutcome>(ReadyKey, std::string words)> count{};
  // A key that had faults in this pool was handled without one, and nothing of it waits. A key that only waits, for
  // its number's pace, has not come to what was wrong with it.
  std::function<awaitable<Result<void>>(ReadyKey)> forget{};
};

struct WorkerSettings {
  std::size_t workers = 64;
  std::size_t bulk_percent = 75;  // of the workers that Bulk keys may have; the rest is kept for replies
  std::size_t kept_percent = 10;  // of the workers, for owners that have no more than that in flight
  OwnerLimits owner{};
  FaultKeeper faults{};  // without one a fault comes back after `retry_pause`, like any other Error
  std::chrono::milliseconds retry_pause{1'000};
  std::chrono::milliseconds poll{1'000};  // how often an idle pool looks for what no bell told of
};

class WorkerPool {
 public:
  // `name` shows in logs and metrics.
  static std::unique_ptr<WorkerPool> make(std::string name, asio::any_io_executor loop, KeyedQueue& queue,
                                          WorkerSettings settings, WorkHandler handler);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  virtual ~WorkerPool() = default;

  virtual void start() = 0;
  // Looks for work now: Signals calls it with an offer.
  virtual void wake() = 0;
  // Takes nothing more and returns when every handler has ended.
  virtual awaitable<void> stop() = 0;

 protected:
  WorkerPool() = default;
};

}  // namespace waypost
