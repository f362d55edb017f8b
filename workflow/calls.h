// Calls: how many calls to outside are out, and when one that failed is tried again. The numbers are one loop's; the
// decisions are pure.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "base/id.h"
#include "workflow/outside.h"

namespace waypost::workflow {

// How long a run rests that may not call yet: others of its workspace, or of all, are at it.
inline constexpr milliseconds kCallPause{100};
// Beyond a call's own timeout: time to write its answer down. Then it counts as lost, and is repeated.
inline constexpr milliseconds kCallMargin{5'000};

// When the answer of a try is to be tried for again; nothing: it stands. `attempt` counts from 1.
std::optional<milliseconds> pause_before_retry(const OutsideTry& tried, std::int64_t attempt, int attempts);

// Loop only.
class CallPlaces {
 public:
  CallPlaces(std::size_t most, std::size_t most_of_one) : most_(most), most_of_one_(most_of_one) {}

  // False: there is none; nothing is taken then.
  bool take(TenantId tenant);
  void give_back(TenantId tenant);
  // None is to be had any more.
  void close() { most_ = 0; }
  [[nodiscard]] std::size_t taken() const { return taken_; }

 private:
  std::size_t most_;
  std::size_t most_of_one_;
  std::size_t taken_ = 0;
  std::unordered_map<TenantId, std::size_t> of_;
};

}  // namespace waypost::workflow
