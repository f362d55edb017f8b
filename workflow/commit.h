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
  bool begins = false;                      // a new run, which a message starts
  std::optional<store::Trigger> trigger{};  // the message that starts it, or that it waited for
  bool settles = false;                     // with a call's answer, beside the queue
  Sprint sprint{};
  std::optional<Time> stands_until{};  // of a sprint that stops: when it is looked at again without another cause
  bool asked = false;                  // of one that stops at a call: this commit is the call's intent
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

// A call's next try: under way now (`asked`), or to be made at run.due_at. The open step tells the attempt. Conflict as
// above.
Result<store::Run> commit_attempt(sql::Connection& connection, store::Run run, const RunState& state, Time now);

}  // namespace waypost::workflow
