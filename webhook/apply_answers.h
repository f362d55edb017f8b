// ApplyAnswers: what the lanes say to the applier's thread. Lanes put, the applier takes.

#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/error.h"
#include "webhook/apply_task.h"
#include "webhook/flight_note.h"

namespace waypost {

struct ApplyAnswer {
  ApplyKind kind = ApplyKind::Messages;
  ApplyGroup tasks{};
  std::optional<Error> error{};
};

class ApplyAnswers {
 public:
  // Any thread.
  void put(ApplyAnswer answer) {
    const std::scoped_lock lock(mutex_);
    answers_.push_back(std::move(answer));
    if (answers_.size() == 1) come_.notify_one();
  }
  // Any thread: ends the wait.
  void wake() {
    const std::scoped_lock lock(mutex_);
    woken_ = true;
    come_.notify_one();
  }
  // Applier's thread.
  std::vector<ApplyAnswer> take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(answers_, {});
  }
  // Applier's thread: until there is an answer, wake() was called, or the time is over.
  void wait(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    come_.wait_for(lock, limit, [this] { return woken_ || !answers_.empty(); });
    woken_ = false;
  }

 private:
  std::mutex mutex_;
  // Under the mutex.
  std::condition_variable come_;
  std::vector<ApplyAnswer> answers_;
  bool woken_ = false;
};

}  // namespace waypost
