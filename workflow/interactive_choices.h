// What a customer may choose from in wa.send_interactive, read from its configuration: its buttons, or its list's rows.
// Pure; any thread.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace waypost::workflow {

inline constexpr std::string_view kInteractiveType = "wa.send_interactive";

struct InteractiveChoice {
  std::string id{};     // the title, where none is given: the output's name
  std::string title{};  // may hold variables
  std::string path{};   // "buttons.0", "list.sections.0.rows.1"
};

// In order; what is no button or row is left out.
std::vector<InteractiveChoice> choices_in(const Json& config);

// False for a link, and where "wait" is false: the run goes on at once then.
bool waits_for_choice(const Json& config);

// An id names an output: faults where it would be one of the node's own, or holds variables. That each is another is a
// rule of Meta's too and looked at there.
std::vector<FieldError> choice_faults(const Json& config);

}  // namespace waypost::workflow
