// Templates: what one is, and what Meta checks when one is made and when one is sent. Pure; any thread.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sandbox/graph_error.h"

namespace waypost::sandbox {

struct Template {
  std::string id{};  // digits
  std::string waba_id{};
  std::string name{};
  std::string language{};
  std::string category = "UTILITY";
  std::string status = "APPROVED";
  std::string parameter_format = "POSITIONAL";
  Json components = Json::array();
};

// The member of `components` of that type ("BODY"), or null.
const Json* component_of(const Template& form, std::string_view type);

// The names between {{ and }}, each once, in order of first appearance.
std::vector<std::string> placeholders(std::string_view text);

// {name, language, category, components[, parameter_format]} as Meta takes it; 100 names what is wrong.
Judged<Template> read_new_template(const Json& body);

// The body's text with `sent` (template.components of the request) filled in. 132000 a wrong count of parameters,
// 132012 a wrong kind or name, 132001 not approved, 132015 paused, 132016 disabled, 131008 a button without its part.
Judged<std::string> fill(const Template& form, const Json& sent);

// As in Meta's lists.
Json to_json(const Template& form);

}  // namespace waypost::sandbox
