// RateBuckets: how often something may be done, counted in Redis for all nodes, by Redis' own clock.
//
// A bucket lets one through per interval, and `burst` of them at once when it was idle (GCRA: its value is the time at
// which it would be idle again). Idle buckets vanish; what Redis forgets is idle. Loop only; the link outlives it.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "net/asio.h"

namespace waypost {

class RedisLink;

// Whoever uses a name uses it with the same interval and burst, or gets a mixture of both.
struct RateBucket {
  std::string name{};                    // its key is {waypost}:bucket:<name>
  std::chrono::microseconds interval{};  // per one; at least 1
  int burst = 1;                         // at least 1
};

class RateBuckets {
 public:
  explicit RateBuckets(RedisLink& link) : link_(link) {}

  // Nothing: go, and one is taken from each of the buckets. Else none is taken from any, and so long, at least 1 ms,
  // all of them let nobody through: the longest wait of those that refuse. Others may be first then. A bucket that is
  // named twice is taken from twice.
  awaitable<Result<std::optional<std::chrono::milliseconds>>> allow(std::vector<RateBucket> buckets);
  // Nobody passes for so long (somebody said Retry-After), and behind it one per interval, without a burst. A longer
  // pause that is there already stands.
  awaitable<Result<void>> pause(RateBucket bucket, std::chrono::milliseconds duration);

 private:
  RedisLink& link_;
};

}  // namespace waypost
