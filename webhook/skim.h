// Skim: whose a webhook is, without reading it whole. Pure.

#pragma once

#include <optional>
#include <string_view>

namespace waypost {

// The phone number id that is the only one in the body, when that can be seen without parsing, and no statuses are in
// it. Nothing in all other cases: the body has to be read then. A view into the body.
std::optional<std::string_view> skim(std::string_view body);

}  // namespace waypost
