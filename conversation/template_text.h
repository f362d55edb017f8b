// The texts of a template and the variables in them. Pure; any thread.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace waypost {

// The member of `components` of that type, in any case ("BODY", "body"), or null.
const Json* component_of(const Json& components, std::string_view type);

// The names between double braces, in order, each once.
std::vector<std::string> variables_of(std::string_view text);

// Every `what` is `by`; what `by` brings is not looked at again.
std::string replaced(std::string text, std::string_view what, std::string_view by);

}  // namespace waypost
