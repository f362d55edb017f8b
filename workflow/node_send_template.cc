// wa.send_template: an approved template, also outside the window. {"name" or "templateName", "language": "en_US" or
// {"code"}, "parameters"?: texts of the body's parameters with variables: [..] in order or {name: ..}}; one output.

#include "base/text.h"
#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

constexpr std::size_t kParameterCharacters = 1'024;

std::string name_in(const Json& config) {
  auto name = text_or_empty(config, "name");
  return name.empty() ? text_or_empty(config, "templateName") : name;
}

std::string language_in(const Json& config) {
  const Json* language = find_object(config, "language");
  return language ? text_or_empty(*language, "code") : text_or_empty(config, "language");
}

const Json* parameters_in(const Json& config) {
  const Json* parameters = find(config, "parameters");
  return parameters != nullptr && parameters->is_structured() ? parameters : nullptr;
}

std::optional<std::string> parameter_text(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number() || json.is_boolean()) return dump(json);
  return std::nullopt;
}

void check_parameters(std::vector<FieldError>& faults, const Json& parameters) {
  if (!parameters.is_structured()) {
    faults.push_back({"parameters", "must be an array or an object"});
    return;
  }
  for (const auto& [key, value] : parameters.items()) {
    const auto text = parameter_text(value);
    if (!text || trimmed(*text).empty()) faults.push_back({"parameters." + key, "must be a text that is not empty"});
  }
}

Json schema() { return Json::object(); }

std::vector<FieldError> faults(const Json& config) {
  std::vector<FieldError> faults;
  if (name_in(config).empty()) faults.push_back({"name", "is required"});
  if (language_in(config).empty()) faults.push_back({"language", "is required"});
  const Json* parameters = find(config, "parameters");
  if (parameters != nullptr && !parameters->is_null()) check_parameters(faults, *parameters);
  return faults;
}

// Meta refuses new lines, tabs and more than four spaces in a row in a parameter (132018).
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : trimmed(text)) {
    const bool is_space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (is_space && line.ends_with(' ')) continue;
    line += is_space ? ' ' : c;
  }
  return std::string(first_characters(line, kParameterCharacters));
}

// The body's parameters as Meta takes them; the plan fails when one is empty, which Meta would refuse.
Json fill_parameters(Plan& plan, const Json& parameters, const Json& scope) {
  Json filled = Json::array();
  for (const auto& [key, value] : parameters.items()) {
    auto text = one_line(plan.filled(parameter_text(value).value_or(""), scope));
    if (text.empty()) {
      plan.failure = store::Complaint{.code = "empty_parameter",
                                      .words = "with its variables filled in, parameter " + key + " is empty"};
    }
    Json parameter{{"type", "text"}, {"text", std::move(text)}};
    if (parameters.is_object()) parameter["parameter_name"] = key;
    filled.push_back(std::move(parameter));
  }
  return filled;
}

Plan plan(const Visit& visit) {
  const Json& config = visit.config;
  const Json& scope = visit.scope;
  Plan plan{.handle = std::string(kOut)};
  const auto name = name_in(config);
  const auto language = language_in(config);
  Json content{{"name", name}, {"language", {{"code", language}}}};
  plan.input = {{"name", name}, {"language", language}};
  const Json* parameters = parameters_in(config);
  if (parameters != nullptr && !parameters->empty()) {
    const auto filled = fill_parameters(plan, *parameters, scope);
    plan.input["parameters"] = filled;
    Json body{{"type", "body"}, {"parameters", filled}};
    content["components"] = Json::array({std::move(body)});
  }
  if (!plan.failure) plan.effects.emplace_back(SendEffect{.type = "template", .content = std::move(content)});
  return plan;
}

}  // namespace

const NodeFamily& send_template_node() {
  static constexpr NodeFamily kFamily{
      .type = "wa.send_template", .label = "Send template", .says = "Sends an approved template, also outside the service window.", .kind = NodeKind::Message, .schema = schema, .faults = faults, .handles = one_output, .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
