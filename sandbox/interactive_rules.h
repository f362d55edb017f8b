// Meta's rules of interactive messages sent by a business; those that sell are in commerce_rules.h. Pure; any thread.

#pragma once

#include "base/json.h"
#include "sandbox/graph_error.h"

namespace waypost::sandbox {

// 131008 what is missing, 131009 what is too long, too many or no such word, 100 a type that there is not.
Judged<void> check_interactive(const Json& content);

}  // namespace waypost::sandbox
