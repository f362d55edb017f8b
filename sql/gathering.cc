#include "sql/gathering.h"

#include <algorithm>

namespace waypost::sql {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Seconds kMemory{0.05};
// Below that share a lane has time. Above it the pause grows to kLongest, which is short beside a round trip to Meta.
constexpr double kAtEase = 0.3;
constexpr std::chrono::microseconds kLongest{4'000};

}  // namespace

void Gathering::ran(Clock::time_point began, Clock::time_point ended) {
  const Seconds all = ended - last_;
  const Seconds busy = ended - began;
  last_ = ended;
  if (all <= Seconds::zero()) return;
  busy_ += std::min(1.0, all / kMemory) * (busy / all - busy_);
}

std::chrono::microseconds Gathering::pause() const {
  const double strain = std::max(0.0, busy_ - kAtEase) / (1 - kAtEase);
  return std::chrono::duration_cast<std::chrono::microseconds>(strain * Seconds(kLongest));
}

}  // namespace waypost::sql
