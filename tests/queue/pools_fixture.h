// Worker pools on a private Redis, and handlers that remember what they saw. Test thread only.

#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "queue/worker_pool.h"
#include "tests/queue/queue_fixture.h"

namespace waypost::test {

inline awaitable<void> pause(std::chrono::milliseconds length) {
  asio::steady_timer timer(co_await asio::this_coro::executor, length);
  co_await timer.async_wait(kToken);
}

// What the handlers of a test saw.
struct Log {
  std::vector<ReadyKey> handled;
  std::multiset<ReadyKey> running;
  std::size_t most_running = 0;
  int overlaps = 0;  // a key that ran twice at once
};

struct Work {
  std::chrono::milliseconds length{0};
  std::function<WorkOutcome(const ReadyKey&)> outcome = [](const ReadyKey&) { return std::optional<Time>(); };
};

inline awaitable<WorkOutcome> worked(Log& log, Work work, ReadyKey of) {
  if (log.running.contains(of)) ++log.overlaps;
  log.running.insert(of);
  log.most_running = std::max(log.most_running, log.running.size());
  co_await pause(work.length);
  log.running.erase(log.running.find(of));
  log.handled.push_back(of);
  co_return work.outcome(of);
}

class Pools : public QueueFixture {
 protected:
  explicit Pools(RedisServerOptions options = {}) : QueueFixture(std::move(options)) {}

  static inline const WorkerSettings kQuick{
      .workers = 8, .retry_pause = std::chrono::milliseconds(20), .poll = std::chrono::milliseconds(10)};

  WorkerPool& pool(Log& log, Work work, WorkerSettings settings = kQuick) {
    return pool_on(*queue, [&log, work](ReadyKey of) { return worked(log, work, of); }, settings);
  }
  WorkerPool& pool_on(KeyedQueue& on, WorkHandler handler, WorkerSettings settings = kQuick) {
    pools.push_back(WorkerPool::make("test", loop.executor(), on, settings, std::move(handler)));
    pools.back()->start();
    return *pools.back();
  }
  bool handled(const Log& log, std::size_t count) {
    return loop.run_until([&] { return log.handled.size() >= count; }, std::chrono::seconds(20));
  }
  // Before a queue of the test's own goes.
  void stop_pools() {
    for (auto& one : pools) loop.wait(one->stop());
    pools.clear();
  }
  void TearDown() override {
    stop_pools();
    QueueFixture::TearDown();
  }

  std::vector<std::unique_ptr<WorkerPool>> pools;
};

}  // namespace waypost::test
