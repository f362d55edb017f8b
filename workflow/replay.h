// Replay: does a run again, from the start, on its original version and message, with real sends. Lane only.

#pragma once

#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "queue/signals.h"
#include "sql/connection.h"
#include "store/runs.h"

namespace waypost::workflow {

struct Replay {
  store::Run run{};  // the new one, queued, replay_of = the original
  Signal signal{};   // to be offered after the commit
};

// A unit of work. NotFound when there is no such run; Rejected with code not_replayable when its message or its version
// is gone.
Result<Replay> replay_run(sql::Connection& connection, TenantId tenant, RunId original, Time now);

// {"ok": true, "message": "Replay queued", "originalRunId", "jobId": the new run's id}
Json to_json(const Replay& replay);

}  // namespace waypost::workflow
