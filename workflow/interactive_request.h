// wa.send_interactive's configuration as a message: the short form of conversation/send_form.h, and the schema. Pure;
// any thread.

#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace waypost::workflow {

// With the choices' ids as choices_in() has them; texts still hold their variables.
Json interactive_request(const Json& config);

// Of such a request as it is drawn, by the configuration's own members.
std::vector<FieldError> interactive_faults(const Json& config);

Json interactive_schema();

}  // namespace waypost::workflow
