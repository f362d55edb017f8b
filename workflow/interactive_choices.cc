#include "workflow/interactive_choices.h"

#include <algorithm>
#include <array>

#include "workflow/config_checks.h"
#include "workflow/node_family.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

constexpr std::array<std::string_view, 3> kOwnOutputs{kOut, kOther, kTimeout};

void add_choices(std::vector<InteractiveChoice>& choices, const Json& owner, std::string_view key,
                 const std::string& path) {
  const Json* list = find_array(owner, key);
  for (std::size_t place = 0; list != nullptr && place < list->size(); ++place) {
    auto id = text_or_empty((*list)[place], "id");
    auto title = text_or_empty((*list)[place], "title");
    if (id.empty()) id = title;
    if (id.empty()) continue;
    choices.push_back({.id = std::move(id), .title = std::move(title), .path = path + "." + std::to_string(place)});
  }
}

}  // namespace

std::vector<InteractiveChoice> choices_in(const Json& config) {
  std::vector<InteractiveChoice> choices;
  add_choices(choices, config, "buttons", "buttons");
  const Json* list = find_object(config, "list");
  const Json* sections = list ? find_array(*list, "sections") : nullptr;
  for (std::size_t place = 0; sections != nullptr && place < sections->size(); ++place) {
    add_choices(choices, (*sections)[place], "rows", "list.sections." + std::to_string(place) + ".rows");
  }
  return choices;
}

bool waits_for_choice(const Json& config) {
  return given(config, "url") == nullptr && find_bool(config, "wait").value_or(true);
}

std::vector<FieldError> choice_faults(const Json& config) {
  std::vector<FieldError> faults;
  for (const auto& choice : choices_in(config)) {
    if (std::ranges::find(kOwnOutputs, choice.id) != kOwnOutputs.end()) {
      faults.push_back({choice.path + ".id", "\"" + choice.id + "\" is another output of the node"});
    }
    if (!variables_in(choice.id).empty()) {
      faults.push_back({choice.path + ".id", "must be given, and without variables: it names an output"});
    }
  }
  return faults;
}

}  // namespace waypost::workflow
