#include "webhook/burst.h"

namespace waypost {

void Burst::measure(JournalPosition end, Instant now) {
  const auto passed = now - measured_at_;
  if (passed < rules_.window) return;
  const double rate = static_cast<double>(end - measured_end_) / std::chrono::duration<double>(passed).count();
  is_burst_ = measured_at_ != Instant() && rate > rules_.per_second;
  measured_end_ = end;
  measured_at_ = now;
}

bool Burst::holds_back(JournalPosition end, JournalPosition applied, Instant now) {
  measure(end, now);
  if (applied >= end) held_since_.reset();
  if (!is_burst_) return false;
  if (!held_since_) held_since_ = now;
  return now - *held_since_ < rules_.longest;
}

}  // namespace waypost
