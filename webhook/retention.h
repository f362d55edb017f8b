// Retention: what the webhook's side keeps no longer, deleted in small bulk units. The daemon calls it hourly. Thread
// that may block.

#pragma once

#include <chrono>
#include <cstddef>

#include "base/clock.h"
#include "base/error.h"
#include "journal/journal.h"
#include "sql/database.h"

namespace waypost {

struct RetentionSettings {
  std::chrono::days journal{14};       // as the journal's own setting
  std::chrono::days dead_letters{30};  // after they were applied
  std::size_t rows = 500;              // most rows of one unit
};

struct Dropped {
  std::size_t seen = 0;
  std::size_t parked = 0;
  std::size_t dead_letters = 0;
  std::size_t day_files = 0;
};

struct RetentionParts {
  sql::Database& database;
  Journal& journal;
};

// Seen ids outlive both the journal and the eight days in which Meta may repeat a webhook; journal files go when they
// are old and at or before `applied` (Applier::mark). An error ends it; the next call goes on.
Result<Dropped> drop_outlived(const RetentionParts& parts, JournalPosition applied, const RetentionSettings& settings,
                              Time now);

}  // namespace waypost
