// Queues: this node's links to Redis and the queues on it, the signals into them, and the bell that tells of what
// other nodes offer. Its parts stand in start order.

#pragma once

#include <memory>
#include <string>

#include "config/settings.h"
#include "net/loop.h"
#include "queue/bell.h"
#include "queue/keyed_queue.h"
#include "queue/loop_signals.h"
#include "queue/redis_link.h"
#include "queue/worker_pool.h"

namespace waypost {

struct Queues {
  // Connects, and waits up to two seconds for Redis: without it all begins and what needs it waits (law 4).
  // InvalidInput for settings that are wrong, Rejected for a Redis that may evict keys. `origin` names this node to
  // others' bells; empty: there are no other nodes. Not on the loop.
  static Result<std::unique_ptr<Queues>> open(Loop& loop, const Settings& settings, std::string origin);

  // The rest on the loop. Starts the pools, where there are, and wakes them for what is offered here and elsewhere.
  struct Pools {
    WorkerPool* runs = nullptr;
    WorkerPool* sends = nullptr;
    WorkerPool* media = nullptr;
  };
  void feed(const Pools& pools);
  // What was offered is said; nothing more is taken.
  awaitable<void> stop_signals();
  awaitable<void> stop_links();
  WorkQueues all() const { return {.runs = *runs, .sends = *sends, .media = *media}; }

  std::unique_ptr<RedisLink> link;
  std::unique_ptr<RedisLink> ears;  // the bell's; without other nodes there is none
  std::unique_ptr<KeyedQueue> runs;
  std::unique_ptr<KeyedQueue> sends;
  std::unique_ptr<KeyedQueue> media;
  std::unique_ptr<LoopSignals> signals;
  std::unique_ptr<Bell> bell;
};

}  // namespace waypost
