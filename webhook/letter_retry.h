// Letter retry: dead letters through today's parser, each applied as its record would have been.
//
//   letter ─read_payload─▶ one update ─▶ one unit: applied, with its mark; or it waits on, for the reason it has now
//                          several    ─▶ one unit: it becomes a letter for each; these are tried like any
//                          nothing    ─▶ its mark
//
// Units are small, one letter each, in the bulk mailbox. What was applied already changes nothing (law 2). A letter
// that crashed the daemon may have been applied in part; once the seen ids of its time are forgotten (store/seen.h) it
// is only kept. Blocks; a thread of the caller's. Several may try at once, here and on other nodes.

#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "queue/signals.h"
#include "sql/database.h"
#include "store/letter_list.h"

namespace waypost {

// All outlive whoever replays.
struct ReplayParts {
  sql::Database& database;
  Signals& signals;
  const Clock& clock;
};

// Whether messages that are applied late start runs, where they would have then.
enum class LateRuns { None, AsUsual };

// Of letters, or of a journal's updates.
struct ReplayCounts {
  std::int64_t fresh = 0;    // applied now
  std::int64_t applied = 0;  // they were already; nothing changed
  std::int64_t dead = 0;     // they wait on
};

// NotFound: there is no such letter, or it was applied already. Unavailable: ask again.
Result<ReplayCounts> retry_letter(const ReplayParts& parts, DeadLetterId id, LateRuns runs);

// All that wait and pass the filter, oldest first.
class LetterRetry {
 public:
  LetterRetry(const ReplayParts& parts, store::LetterFilter filter, LateRuns runs)
      : parts_(parts), filter_(std::move(filter)), runs_(runs) {}

  // The next few. False: there are no more.
  Result<bool> next_page();
  const ReplayCounts& counts() const { return counts_; }

 private:
  const ReplayParts parts_;
  const store::LetterFilter filter_;
  const LateRuns runs_;
  DeadLetterId behind_{};
  std::unordered_set<DeadLetterId> tried_;  // made on the way, and tried there
  ReplayCounts counts_;
};

}  // namespace waypost
