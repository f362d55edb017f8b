// MarkWaiters: coroutines that wait until the applier has passed a position. Any loop waits; the applier's thread
// moves.

#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>

#include "journal/journal.h"
#include "net/asio.h"

namespace waypost {

class MarkWaiters {
 public:
  // True as soon as the mark is at `position` or behind it; false after `limit`.
  awaitable<bool> passed(JournalPosition position, std::chrono::milliseconds limit);
  void move(JournalPosition mark);

 private:
  using Timer = std::shared_ptr<asio::steady_timer>;

  bool add(JournalPosition position, const Timer& timer);
  void remove(JournalPosition position, const Timer& timer);

  std::atomic<JournalPosition> mark_ = 0;
  std::mutex mutex_;
  std::multimap<JournalPosition, Timer> waiting_;  // under the mutex
};

}  // namespace waypost
