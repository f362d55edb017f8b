// What becomes of faults of ours in a pool: counted in rows, tried again later and later, forgotten with a success,
// and buried when they do not end (store/work_failures.h). Any thread.

#pragma once

#include "base/clock.h"
#include "queue/worker_pool.h"
#include "sql/database.h"
#include "store/work_key.h"

namespace waypost {

// `attempts`: faults in a row until it is buried. The database and the clock outlive it.
FaultKeeper keep_faults(sql::Database& database, const Clock& clock, store::WorkQueue queue, int attempts);

}  // namespace waypost
