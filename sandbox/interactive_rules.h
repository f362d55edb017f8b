// Meta's limits of interactive messages sent by a business: buttons, lists, link buttons. Pure; any thread.

#pragma once

#include "base/json.h"
#include "sandbox/graph_error.h"

namespace waypost::sandbox {

// 131008 what is missing, 131009 what is too long or too many. Subtypes without a rule here pass.
Judged<void> check_interactive(const Json& content);

}  // namespace waypost::sandbox
