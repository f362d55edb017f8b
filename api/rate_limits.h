// RateLimits: how many requests an address or a token may make in a minute. Counted in this process, in windows that
// begin with a caller's first request. Any thread: one short lock, never held across a wait.

#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "net/http.h"

namespace waypost::api {

struct Quota {
  std::int64_t requests = 100;
  milliseconds window{60'000};
};

// What RateLimit-Limit, RateLimit-Remaining and RateLimit-Reset say (IETF draft "RateLimit header fields", 7).
struct Verdict {
  bool allowed = true;
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  std::int64_t reset_seconds = 0;
};

class RateLimits {
 public:
  // Beyond `most_keys` callers at a time, forgotten windows make room, and when there are none all counts begin anew.
  explicit RateLimits(std::size_t most_keys = 100'000) : most_keys_(most_keys) {}

  Verdict take(const std::string& key, const Quota& quota, Time now);
  // What take() would say, without counting.
  Verdict look(const std::string& key, const Quota& quota, Time now) const;

 private:
  struct Window {
    Time ends{};
    std::int64_t used = 0;
  };
  void make_room(Time now);

  const std::size_t most_keys_;
  mutable std::mutex lock_;
  std::unordered_map<std::string, Window> windows_;  // under the lock
};

// The part of an address that stands for one caller: an IPv6 site has a whole /64.
std::string caller_address(std::string_view peer);

void add_limit_headers(Headers& headers, const Verdict& verdict);
// 429 with Retry-After.
Response too_many(const Verdict& verdict);

}  // namespace waypost::api
