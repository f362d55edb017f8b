// Replay: does a run again, from the start, with real sends: on its original message, or with what the call of the API
// that started it gave. Lane only.

#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "queue/signals.h"
#include "sql/connection.h"
#include "store/runs.h"

namespace waypost::workflow {

// Which version is executed: the one that the run executed, or the one that is published now.
enum class ReplayVersion { Original, Latest };
std::optional<ReplayVersion> replay_version_named(std::string_view name);  // "original", "latest"

struct ReplayOrder {
  TenantId tenant{};
  RunId original{};
  ReplayVersion version = ReplayVersion::Original;
};

struct Replay {
  store::Run run{};  // the new one, queued, replay_of = the original
  Signal signal{};   // to be offered after the commit
};

// A unit of work. NotFound when there is no such run; Rejected with code not_replayable when its message, its version
// or its conversation is gone, or, for the latest version, none is published.
Result<Replay> replay_run(sql::Connection& connection, const ReplayOrder& order, Time now);

// {"ok": true, "message": "Replay queued", "originalRunId", "jobId": the new run's id}
Json to_json(const Replay& replay);

}  // namespace waypost::workflow
