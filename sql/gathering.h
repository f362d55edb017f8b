// Gathering: how long a lane lets jobs come together before it begins a batch. A COMMIT costs the same for one job as
// for fifty, and every one makes the readers read again what they had: a busy lane that waits a little has less to do.
// One that has time does not wait at all. Pure; lane only.

#pragma once

#include <chrono>

namespace waypost::sql {

class Gathering {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Gathering(Clock::time_point now) : last_(now) {}

  // A batch has run.
  void ran(Clock::time_point began, Clock::time_point ended);
  // Before the next one, when there is a job and fewer than kMany.
  std::chrono::microseconds pause() const;

  static constexpr std::size_t kMany = 64;

 private:
  double busy_ = 0;         // the share of the last time, about kMemory, that batches took
  Clock::time_point last_;  // the end of the last one
};

}  // namespace waypost::sql
