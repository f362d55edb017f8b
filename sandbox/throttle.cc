#include "sandbox/throttle.h"

#include <algorithm>

namespace waypost::sandbox {
namespace {

struct Rate {
  double seconds_each = 0;
  double burst = 1;
};

// The bucket's new end when one more message fits, else 0.
double after_one_more(double end, double now, Rate rate) {
  const double next = std::max(end, now) + rate.seconds_each;
  // A millisecond of grace: sums of floating steps must not refuse the last of a burst.
  return next - now <= rate.burst * rate.seconds_each + 0.001 ? next : 0;
}

}  // namespace

Judged<void> Throttle::admit(const Settings& settings, const std::string& number, const std::string& customer,
                             Time now) {
  const double at = static_cast<double>(to_millis(now)) / 1000;
  const std::string pair = number + " " + customer;
  double number_end = 0;
  double pair_end = 0;
  if (settings.number_per_second > 0) {
    const Rate rate{1 / settings.number_per_second, std::max(1.0, settings.number_per_second)};
    number_end = after_one_more(numbers_[number], at, rate);
    if (number_end == 0) return refuse(130429, "Message failed to send because there were too many messages sent");
  }
  if (settings.pair_seconds > 0) {
    pair_end = after_one_more(pairs_[pair], at, {settings.pair_seconds, std::max(1.0, settings.pair_burst)});
    if (pair_end == 0) return refuse(131056, "Too many messages sent from the sender to the same recipient");
  }
  if (number_end > 0) numbers_[number] = number_end;
  if (pair_end > 0) pairs_[pair] = pair_end;
  return {};
}

}  // namespace waypost::sandbox
