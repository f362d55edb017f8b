// Contention: how a lane steps aside when its batch met another transaction (a deadlock, a lock that was not let go).
// Two lanes that met would meet again in step, so each pauses for a random part of a time that doubles. The patience
// is counted from the first meeting since something was committed. The store is well meanwhile: this is no outage.
// Lane only.

#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

namespace waypost::sql {

class Contention {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  explicit Contention(std::chrono::milliseconds patience) : patience_(patience) {}

  // The batch met another one; `dice` is in [0, 1). The pause before the next try, or nothing when the callers have
  // waited enough.
  std::optional<std::chrono::microseconds> pause_after_meeting(Instant now, double dice) {
    if (!began_) began_ = now;
    if (now - *began_ >= patience_) return std::nullopt;
    span_ = std::min(span_ * 2, kLongestSpan);
    return std::chrono::microseconds(std::llround(dice * static_cast<double>(span_.count())));
  }
  // Something was committed.
  void over() {
    began_.reset();
    span_ = kFirstSpan;
  }

 private:
  // A batch of 64 units takes some milliseconds; a lock is waited for up to half a second before it is a meeting.
  static constexpr std::chrono::microseconds kFirstSpan{2'000};
  static constexpr std::chrono::microseconds kLongestSpan{64'000};

  std::chrono::milliseconds patience_;
  std::chrono::microseconds span_ = kFirstSpan;
  std::optional<Instant> began_;
};

}  // namespace waypost::sql
