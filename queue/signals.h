// Signals: tells the queues, after a commit, that conversations have work. Any thread; never blocks, never fails: what
// cannot be said now is found by the sweep.

#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "queue/keyed_queue.h"

namespace waypost {

enum class QueueName { Runs, Sends, Media };
inline constexpr std::array kQueueNames{QueueName::Runs, QueueName::Sends, QueueName::Media};

// A node's queues, on one loop. They outlive whoever is given them.
struct WorkQueues {
  KeyedQueue& runs;
  KeyedQueue& sends;
  KeyedQueue& media;

  KeyedQueue& of(QueueName name) const {
    switch (name) {
      case QueueName::Runs:
        return runs;
      case QueueName::Sends:
        return sends;
      case QueueName::Media:
        return media;
    }
    std::unreachable();
  }
};

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
