// EndMark: the journal's last committed position, and the wait for more. Any thread.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "journal/journal.h"

namespace waypost {

class EndMark {
 public:
  explicit EndMark(JournalPosition end) : end_(end) {}

  JournalPosition get() const { return end_.load(std::memory_order_acquire); }
  void advance(JournalPosition end);
  // Until the end is behind `position`, `limit` has passed, or wake() was called, also since the last wait.
  void wait_behind(JournalPosition position, std::chrono::milliseconds limit);
  void wake();

 private:
  std::atomic<JournalPosition> end_;
  std::mutex mutex_;
  // Under the mutex.
  std::condition_variable moved_;
  std::size_t waiting_ = 0;
  std::uint64_t wakes_ = 0;
  bool woken_early_ = false;  // nobody waited: the next wait ends at once
};

}  // namespace waypost
