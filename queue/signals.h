// Signals: tells the queues, after a commit, that conversations have work. Any thread; never blocks, never fails: what
// cannot be said now is found by the sweep.

#pragma once

#include <optional>
#include <vector>

#include "queue/keyed_queue.h"

namespace waypost {

enum class QueueName { Runs, Sends };

struct Signal {
  QueueName queue = QueueName::Runs;
  ReadyKey key{};
  std::optional<Time> due{};
};

class Signals {
 public:
  Signals() = default;
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  virtual ~Signals() = default;

  virtual void offer(std::vector<Signal> signals) = 0;
};

}  // namespace waypost
