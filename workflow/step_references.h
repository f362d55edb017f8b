// References of one node to what another gave: "steps.<node's id>.<member>", in texts and as bare paths. Pure; any
// thread.

#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace waypost::workflow {

struct StepReference {
  std::string place{};  // of the text, within the configuration: "conditions.0.field"
  std::string rest{};   // what follows "steps.": "ask.id"; empty: all steps
};

// All in the texts of a configuration, in order.
std::vector<StepReference> step_references(const Json& config);

// The id that `rest` begins with, the longest of `ids` where several do: an id may hold dots. Empty: none of them.
std::string referred_node(std::string_view rest, const std::set<std::string>& ids);

}  // namespace waypost::workflow
