// The data that a call of trigger.api brings, against what its configuration asks for. Pure; any thread.

#pragma once

#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace waypost::workflow {

// `config` is the trigger's: {"variables"?: [{"name", "required"?}]}. A fault for each required one that is missing or
// null ("data.order"), and one when `data` is there and is no object. Members that were not asked for are let through.
std::vector<FieldError> data_faults(const Json& config, const Json& data);

}  // namespace waypost::workflow
