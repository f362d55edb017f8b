// What the queue's sweep asks the store: every conversation with work, page by page. Loop only.

#pragma once

#include <chrono>

#include "base/clock.h"
#include "queue/sweep.h"
#include "sql/database.h"

namespace waypost {

// `untouched`: how long due work must have been left alone before it counts as overlooked. The database and the clock
// outlive the sources.
SweepSources sweep_sources(sql::Database& database, const Clock& clock, std::chrono::seconds untouched);

}  // namespace waypost
