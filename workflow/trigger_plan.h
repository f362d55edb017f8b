// What every trigger does when its run begins: it records what began it. Pure; any thread.

#pragma once

#include "workflow/node_family.h"

namespace waypost::workflow {

// Goes on by `out`; the step's input has the message, and when it was written.
Plan plan_of_trigger(const Visit& visit);

}  // namespace waypost::workflow
