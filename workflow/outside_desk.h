// OutsideDesk: carries out the runs' calls to outside, so many at a time, and when one that failed is tried again.
// Loop only; the decisions are pure.

#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/clock.h"
#include "store/runs.h"
#include "workflow/call_places.h"
#include "workflow/outside.h"

namespace waypost::workflow {

// How long a run rests at most that may not call yet, because others of its workspace, or of all, are at it; it is told
// when there is a place.
inline constexpr milliseconds kCallPause{2'000};
// Answers that were lost to a crash before the call counts as one that has none: it may be what crashes us.
inline constexpr std::int64_t kMostLost = 10;
// Beyond a call's own timeout: time to write its answer down. Then it counts as lost, and is repeated.
inline constexpr milliseconds kCallMargin{5'000};

// When the answer of a try is to be tried for again; nothing: it stands. `attempt` counts from 1.
std::optional<milliseconds> pause_before_retry(const OutsideTry& tried, std::int64_t attempt, int attempts);

// Writes down what a call gave.
using Settle = std::function<awaitable<void>(store::Run, OutsideTry)>;

class OutsideDesk {
 public:
  // Told who is to come for a place.
  using Call = std::function<void(const InLine&)>;

  // `outside` outlives it.
  OutsideDesk(asio::any_io_executor loop, Outside& outside, CallPlaces places, Call call);

  // A place for the run's call. False: there is none; it is told when there is.
  bool take(const store::Run& run);
  void give_back(TenantId tenant);
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
  Call call_;
  asio::steady_timer ended_;
};

}  // namespace waypost::workflow
