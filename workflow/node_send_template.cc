// wa.send_template: an approved template, also outside the window. {"name" or "templateName", "language": "en_US" or
// {"code"}, "parameters"?: texts of the body's parameters with variables: [..] in order or {name: ..}, "header"?,
// "buttons"?} as in conversation/send_form.h, or with Meta's "components"; one output.

#include "base/text.h"
#include "workflow/config_checks.h"
#include "workflow/config_schema.h"
#include "workflow/sending.h"

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

std::optional<std::string> parameter_text(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number() || json.is_boolean()) return dump(json);
  return std::nullopt;
}

Json schema() {
  using schema_of::anything;
  using schema_of::text;
  Json schema = schema_of::config(
      {{"name", text("Template", "The approved template's name.")},
       {"templateName", text("Template (older name)", "The same as name.")},
       {"language", text("Language", "The template's language: en_US.")},
       {"parameters", anything("Parameters",
                               "The body's: a list of texts in order, or an object of them by name; they "
                               "may hold {{variables}}.")},
       {"header", anything("Header", "Its variable's text, or a picture, a video, a document or a place.")},
       {"buttons",
        schema_of::list("Buttons", "What the template's buttons need: {type, text | payload | code, index?}.",
                        anything("Button", "One button."), {.least = 0, .most = 10})},
       {"components", schema_of::list("Components", "Meta's own, instead of parameters, header and buttons.",
                                      anything("Component", "As the Graph API takes it."), {.least = 0})}},
      {"language"});
  schema["anyOf"] = {{{"required", {"name"}}}, {{"required", {"templateName"}}}};
  return schema;
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

// A name that is no text is at fault where it stands.
void check_name(std::vector<FieldError>& faults, const Json& config) {
  for (const auto* key : {"name", "templateName"}) check_text(faults, config, key);
  if (faults.empty() && name_in(config).empty()) faults.push_back({"name", "is required"});
}

// An empty list is as good as none.
const Json* part_in(const Json& config, const char* key) {
  const Json* part = given(config, key);
  return part != nullptr && part->is_array() && part->empty() ? nullptr : part;
}

// All but the parameters, whose rules are above; but they do not belong beside components.
Json rest_of_request(const Json& config) {
  Json request{{"type", "template"}, {"name", "name"}, {"language", "en"}};
  for (const auto* key : {"header", "buttons", "components"}) {
    if (const Json* part = part_in(config, key)) request[key] = *part;
  }
  if (given(config, "parameters") != nullptr && part_in(config, "components") != nullptr) {
    request["parameters"] = Json::array({"x"});
  }
  return request;
}

std::vector<FieldError> faults(const Json& config) {
  std::vector<FieldError> faults;
  check_name(faults, config);
  if (language_in(config).empty()) faults.push_back({"language", "is required"});
  const Json* parameters = given(config, "parameters");
  if (parameters != nullptr) check_parameters(faults, *parameters);
  for (auto& fault : content_faults(rest_of_request(config))) faults.push_back(std::move(fault));
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

// The plan fails when a parameter is empty, which Meta would refuse.
std::string filled_parameter(Plan& plan, const std::string& what, const std::string& given_text, const Json& scope) {
  auto text = one_line(plan.filled(given_text, scope));
  if (text.empty()) {
    plan.failure =
        store::Complaint{.code = "empty_parameter", .words = "with its variables filled in, " + what + " is empty"};
  }
  return text;
}

Json filled_parameters(Plan& plan, const Json& parameters, const Json& scope) {
  Json filled = parameters;
  for (const auto& [key, value] : parameters.items()) {
    auto text = filled_parameter(plan, "parameter " + key, parameter_text(value).value_or(""), scope);
    if (parameters.is_array()) {
      filled[static_cast<std::size_t>(std::stoul(key))] = std::move(text);
    } else {
      filled[key] = std::move(text);
    }
  }
  return filled;
}

Json filled_header(Plan& plan, const Json& header, const Json& scope) {
  const auto text = parameter_text(header);
  return text ? Json(filled_parameter(plan, "the header", *text, scope)) : filled_request(plan, header, scope);
}

Json request_of(Plan& plan, const Visit& visit) {
  Json request{{"type", "template"}, {"name", name_in(visit.config)}, {"language", language_in(visit.config)}};
  if (const Json* parameters = given(visit.config, "parameters"); parameters && !parameters->empty()) {
    request["parameters"] = filled_parameters(plan, *parameters, visit.scope);
  }
  if (const Json* header = given(visit.config, "header")) {
    request["header"] = filled_header(plan, *header, visit.scope);
  }
  for (const auto* key : {"buttons", "components"}) {
    if (const Json* part = part_in(visit.config, key)) request[key] = filled_request(plan, *part, visit.scope);
  }
  return request;
}

Plan plan(const Visit& visit) {
  Plan plan{.handle = std::string(kOut)};
  const auto request = request_of(plan, visit);
  plan.input = request;
  plan.input.erase("type");
  if (plan.failure) return plan;
  add_sends(plan, request, std::nullopt);
  // A template's name is no text of its own: the same template may go out often, with other parameters.
  for (auto& effect : plan.effects) std::get<SendEffect>(effect).text.reset();
  return plan;
}

}  // namespace

const NodeFamily& send_template_node() {
  static constexpr NodeFamily kFamily{.type = "wa.send_template",
                                      .label = "Send template",
                                      .says = "Sends an approved template, also outside the service window.",
                                      .kind = NodeKind::Message,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
