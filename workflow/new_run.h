// A run before its first step, however it starts: by a message, a call of the API, a replay. Pure; any thread.

#pragma once

#include "store/conversations.h"
#include "store/runs.h"
#include "store/workflows.h"

namespace waypost::workflow {

// Queued and due at once, of no message and with an empty state.
store::Run new_run(const store::PublishedWorkflow& workflow, const store::Conversation& conversation, Time now);

}  // namespace waypost::workflow
