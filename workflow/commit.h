// Commit: writes one sprint, as one unit of work (law 7). Lane only.
//
// It first makes sure that the world is as it was read: the run at its revision (or the trigger still there, the
// workflow still published), no other run of the conversation under way, the conversation not merged nor handed off.
// Otherwise it writes nothing and answers Conflict: the reader reads again.

#pragma once

#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "sql/connection.h"
#include "store/outbox.h"
#include "store/runs.h"
#include "store/triggers.h"
#include "workflow/sprint.h"

namespace waypost::workflow {

struct SprintCommit {
  store::Run run{};                         // as it was read; a new one as it begins: revision 0, its own id
  std::optional<store::Trigger> trigger{};  // what the new run takes
  Sprint sprint{};
  store::AcceptRules rules{};
  Time now{};
};

struct Committed {
  store::Run run{};
  bool has_sends = false;  // signal QueueName::Sends
};

// Effects are applied step by step; where the store refuses one (window_closed, opted_out, no_channel …) that step
// fails, later ones are not taken, and the run fails with its reason.
Result<Committed> commit_sprint(sql::Connection& connection, const SprintCommit& commit);

}  // namespace waypost::workflow
