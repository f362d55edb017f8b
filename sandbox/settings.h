// Settings of the simulator: delays, the window rule's manner, retries, throttles. Pure; any thread.

#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "base/error.h"
#include "base/json.h"

namespace waypost::sandbox {

using std::chrono::milliseconds;

struct Settings {
  milliseconds sent_after{0};                       // from the acceptance
  std::optional<milliseconds> delivered_after{50};  // from sent; nothing: never
  std::optional<milliseconds> read_after;           // from delivered; nothing: when the customer reads
  bool refuse_window_at_once = false;               // else: 200, then a failed status, as Meta mostly does
  // A webhook that is not answered 200 is repeated at once, then after pauses that double from the first to the
  // longest.
  milliseconds retry_first{1'000};
  milliseconds retry_longest{60'000};
  milliseconds webhook_timeout{10'000};
  std::size_t webhooks_at_once = 128;
  double number_per_second = 0;  // 130429 beyond; 0: off. Meta's own: 80
  double pair_seconds = 0;       // 131056 beyond one message per so many seconds; 0: off. Meta's own: 6
  double pair_burst = 45;
  milliseconds date_skew{0};  // Meta's clock, as answers about numbers and tokens show it, ahead of the machine's
};

// Changes what `changes` names; InvalidInput names the first key that is unknown or of a wrong type.
Result<Settings> changed(Settings settings, const Json& changes);
Json to_json(const Settings& settings);

// Before the attempt after `failures` failed ones.
milliseconds pause_before_retry(const Settings& settings, int failures);

}  // namespace waypost::sandbox
