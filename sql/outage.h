// Outage: how long a lane keeps trying while its engine refuses. The patience is counted from the first failure of an
// outage, not of a batch: once it is used up every batch is tried once, until one succeeds. Lane only.

#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace waypost::sql {

class Outage {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  explicit Outage(std::chrono::milliseconds patience) : patience_(patience) {}

  // A try failed: the pause before the next one, or nothing when the callers have waited enough.
  std::optional<std::chrono::milliseconds> pause_after_failure(Instant now) {
    if (!began_) began_ = now;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*began_ + patience_ - now);
    if (left <= std::chrono::milliseconds(0)) return std::nullopt;
    pause_ = std::min(pause_ * 2, kLongestPause);
    return std::min(pause_, left);
  }
  bool lasts() const { return began_.has_value(); }
  // A try succeeded.
  void over() {
    began_.reset();
    pause_ = kFirstPause;
  }

 private:
  static constexpr std::chrono::milliseconds kFirstPause{1};
  static constexpr std::chrono::milliseconds kLongestPause{250};

  std::chrono::milliseconds patience_;
  std::chrono::milliseconds pause_ = kFirstPause;
  std::optional<Instant> began_;
};

}  // namespace waypost::sql
