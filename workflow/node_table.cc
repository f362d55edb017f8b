#include <algorithm>
#include <array>

#include "workflow/node_family.h"
#include "workflow/variables.h"

namespace waypost::workflow {

std::string_view name_of(FieldOwner owner) {
  switch (owner) {
    case FieldOwner::Contact:
      return "contact";
    case FieldOwner::Conversation:
      return "conversation";
  }
}

std::string Plan::filled(std::string_view text, const Json& scope) {
  auto result = fill(text, scope);
  for (auto& path : result.unknown) {
    if (std::ranges::find(unknown_variables, path) == unknown_variables.end()) {
      unknown_variables.push_back(std::move(path));
    }
  }
  return std::move(result.text);
}

const NodeFamily* find_family(std::string_view type) {
  static const std::array kAll{&inbound_message_trigger(), &send_message_node(), &send_template_node(), &switch_node(),
                               &set_field_node(),          &end_node()};
  const auto found = std::ranges::find(kAll, type, &NodeFamily::type);
  return found == kAll.end() ? nullptr : *found;
}

std::vector<std::string> one_output(const Json&) { return {std::string(kOut)}; }
std::vector<std::string> no_output(const Json&) { return {}; }

}  // namespace waypost::workflow
