// The buttons of a template that is being written: how many of each kind, how they stand together, what each needs.
// Pure; any thread.

#pragma once

#include "base/json.h"
#include "conversation/template_faults.h"

namespace waypost {

// Complains below "buttons". `list` is an array that is not empty.
void check_buttons(TemplateFaults& faults, const Json& list);

}  // namespace waypost
