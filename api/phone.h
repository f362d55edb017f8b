// Phone numbers as people write them. Pure; any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace waypost::api {

// The digits of an E.164 number: 7 to 15 of them, the first not 0, after an optional "+"; spaces, dashes, dots and
// parentheses between are passed over. Nothing for anything else.
std::optional<std::string> phone_digits(std::string_view text);

}  // namespace waypost::api
