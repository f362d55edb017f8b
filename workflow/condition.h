// Condition: one comparison of logic.switch. Pure; any thread.
//
// Texts are compared folded (fold.h): "Hello " equals "hello". gt and lt compare decimal numbers and are false when
// either side is none. `in` takes a list by commas. A list (contact.tags) satisfies equals, contains, starts_with,
// ends_with and in when one of its elements equals (begins …) so; not_equals when none equals. An empty value is
// contained in nothing.

#pragma once

#include <optional>
#include <string_view>

#include "base/json.h"

namespace waypost::workflow {

enum class Operator { Equals, NotEquals, Contains, StartsWith, EndsWith, Greater, Less, In };

// "equals", "not_equals", "contains", "starts_with", "ends_with", "gt", "lt", "in".
std::optional<Operator> operator_named(std::string_view name);

// `left` is a variable's value, of any type; null counts as empty text.
bool holds(const Json& left, Operator op, std::string_view right);

}  // namespace waypost::workflow
