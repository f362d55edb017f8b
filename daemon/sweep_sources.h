// What the queue's sweep asks the store: every conversation with work, page by page. Loop only.

#pragma once

#include "base/clock.h"
#include "queue/sweep.h"
#include "sql/database.h"

namespace waypost {

// The database and the clock outlive the source.
SweepSource sweep_source(sql::Database& database, const Clock& clock);

}  // namespace waypost
