// OutsideDesk: carries out the runs' calls to outside, so many at a time, and when one that failed is tried again.
// Loop only; the decisions are pure.

#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "base/id.h"
#include "store/runs.h"
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

// Writes down what a call gave.
using Settle = std::function<awaitable<void>(store::Run, OutsideTry)>;

class OutsideDesk {
 public:
  // `outside` outlives it.
  OutsideDesk(asio::any_io_executor loop, Outside& outside, CallPlaces places);

  bool take(TenantId tenant) { return places_.take(tenant); }
  void give_back(TenantId tenant) { places_.give_back(tenant); }
  // Carries out the call that the run stands still for. Its place is taken and its intent written; the place is given
  // back when `settle` has ended.
  void ask(const store::Run& run, Settle settle);
  // Begins no further call and returns when none is out, or after `most`.
  awaitable<void> stop(milliseconds most);

 private:
  awaitable<void> carry_out(store::Run run, Settle settle);

  asio::any_io_executor loop_;
  Outside& outside_;
  CallPlaces places_;
  asio::steady_timer ended_;
};

}  // namespace waypost::workflow
