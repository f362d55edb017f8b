// TakeAhead: how many keys a pool takes beyond its free workers, so that quick handlers need not wait for Redis between
// two keys. As many as the workers get done in about a millisecond: none where a handler takes its time, because a key
// in hand is one that no other node can have. Pure.

#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace waypost {

class TakeAhead {
 public:
  using Length = std::chrono::duration<double, std::micro>;

  static constexpr std::size_t kMost = 64;
  // A key that nobody began by then goes back to the queue: the handlers have become slow.
  static constexpr std::chrono::milliseconds kStale{20};

  // A handler took so long.
  void note(Length length) { mean_ += (length - mean_) / 16; }
  std::size_t keys(std::size_t workers) const {
    const double done = static_cast<double>(workers) * (kAhead / std::max(mean_, Length(1)));
    return static_cast<std::size_t>(std::min(done, static_cast<double>(kMost)));
  }

 private:
  static constexpr Length kAhead{1'000};

  Length mean_{100'000};  // of the last handlers; at first none is thought quick
};

}  // namespace waypost
