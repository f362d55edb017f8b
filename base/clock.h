// Time inside Waypost: integer milliseconds UTC, from a Clock that tests turn by hand. Any thread.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace waypost {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Time = std::chrono::sys_time<milliseconds>;

inline Time from_millis(std::int64_t ms) { return Time(milliseconds(ms)); }
inline std::int64_t to_millis(Time at) { return at.time_since_epoch().count(); }

// "2026-11-23T15:52:46.123Z".
std::string iso8601(Time at);
// What iso8601 writes, also without milliseconds; nothing else.
std::optional<Time> parse_iso8601(std::string_view text);

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override { return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now()); }
};

class FakeClock final : public Clock {
 public:
  explicit FakeClock(Time start = from_millis(1'760'000'000'000)) : ms_(to_millis(start)) {}
  Time now() const override { return from_millis(ms_.load()); }
  void pass(milliseconds by) { ms_ += by.count(); }
  void set(Time to) { ms_ = to_millis(to); }

 private:
  std::atomic<std::int64_t> ms_;
};

}  // namespace waypost
