#include "tests/fuzz/targets.h"

#include <array>

namespace waypost::fuzz {

std::span<const Target> targets() {
  static constexpr std::array<Target, 8> kTargets{{{"envelope", envelope},
                                                   {"message", message},
                                                   {"news", news},
                                                   {"json", json},
                                                   {"status", status_words},
                                                   {"skim", skimmed},
                                                   {"signature", signature},
                                                   {"expression", expression}}};
  return kTargets;
}

}  // namespace waypost::fuzz
