// Backoff: how long to wait before the next try: doubling from `first` up to `most`, each pause shortened by up to
// half so that many do not come at once. Pure: the dice are the caller's.

#pragma once

#include <algorithm>
#include <chrono>

namespace waypost {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds most) : first_(first), most_(most), step_(first) {}

  // `dice` is in [0, 1).
  std::chrono::milliseconds next(double dice) {
    const double part = static_cast<double>(step_.count()) * (0.5 + 0.5 * dice);
    step_ = std::min(step_ * 2, most_);
    return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(part));
  }
  // After a success.
  void reset() { step_ = first_; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds most_;
  std::chrono::milliseconds step_;
};

}  // namespace waypost
