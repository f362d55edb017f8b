// Throttle: Meta's two rates, per number (130429) and per pair of number and customer (131056). Loop only.

#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "sandbox/graph_error.h"
#include "sandbox/settings.h"

namespace waypost::sandbox {

class Throttle {
 public:
  // Counts one message of `number` to `customer`, or refuses it and counts nothing. A rate of 0 in `settings` is off.
  Judged<void> admit(const Settings& settings, const std::string& number, const std::string& customer, Time now);

 private:
  // Each bucket is the time at which it will be empty (GCRA): a message adds its share and must not lead too far ahead.
  std::map<std::string, double> numbers_;
  std::map<std::string, double> pairs_;
};

}  // namespace waypost::sandbox
