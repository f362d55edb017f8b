// An outside call as JSON: its intent, kept in the run's state until its answer is. Pure; any thread.

#pragma once

#include "base/json.h"
#include "workflow/outside_call.h"

namespace waypost::workflow {

Json to_json(const OutsideCall& call);
// Never fails: what is missing or of another type is as in a new call.
OutsideCall read_call(const Json& json);

}  // namespace waypost::workflow
