// Burst: lets acknowledging go first while more webhooks come in than any store applies. They wait in the journal, for
// a short time and once a backlog, so that Meta has its answers in time; then applying goes on beside them. Pure.

#pragma once

#include <chrono>
#include <optional>

#include "journal/journal.h"

namespace waypost {

struct BurstRules {
  double per_second = 10'000;                // webhooks; well above what a store takes beside the acknowledging
  std::chrono::milliseconds window{20};      // over which the rate is measured
  std::chrono::milliseconds longest{2'000};  // that one backlog is held back
};

class Burst {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  explicit Burst(BurstRules rules = {}) : rules_(rules) {}

  // Whether reading is to wait: `end` is the journal's, `applied` the mark up to which nothing waits.
  bool holds_back(JournalPosition end, JournalPosition applied, Instant now);
  // Whether more comes in than any store applies, as the last look found.
  bool lasts() const { return is_burst_; }

 private:
  void measure(JournalPosition end, Instant now);

  BurstRules rules_;
  JournalPosition measured_end_ = 0;
  Instant measured_at_{};
  bool is_burst_ = false;
  std::optional<Instant> held_since_;  // of this backlog
};

}  // namespace waypost
