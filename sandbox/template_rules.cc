#include "sandbox/template_rules.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace waypost::sandbox {
namespace {

constexpr std::size_t kNameCharacters = 512;

bool valid_name(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= kNameCharacters && std::ranges::all_of(name, allowed);
}

bool valid_category(std::string_view category) {
  return category == "MARKETING" || category == "UTILITY" || category == "AUTHENTICATION";
}

bool same_word(std::string_view a, std::string_view b) { return lower_ascii(a) == lower_ascii(b); }

Json parameters_of(const Json& sent, std::string_view type) {
  if (!sent.is_array()) return Json::array();
  for (const auto& component : sent) {
    if (!same_word(text_or_empty(component, "type"), type)) continue;
    const auto* parameters = find_array(component, "parameters");
    return parameters ? *parameters : Json::array();
  }
  return Json::array();
}

Judged<void> check_status(const Template& form) {
  if (form.status == "APPROVED") return {};
  if (form.status == "PAUSED") return refuse(132015, "Template is paused due to low quality");
  if (form.status == "DISABLED") return refuse(132016, "Template is disabled");
  return refuse(132001, "template name (" + form.name + ") does not exist in " + form.language);
}

Judged<void> check_count(std::size_t expected, std::size_t given, std::string_view where) {
  if (expected == given) return {};
  return refuse(132000, std::string(where) + ": number of localizable_params (" + std::to_string(given) +
                            ") does not match the expected number of params (" + std::to_string(expected) + ")");
}

const Json* parameter_named(const Json& parameters, std::string_view name) {
  for (const auto& parameter : parameters) {
    if (text_or_empty(parameter, "parameter_name") == name) return &parameter;
  }
  return nullptr;
}

std::string value_of(const Json& parameter) {
  if (const auto text = find_text(parameter, "text")) return *text;
  const auto* legacy = find_object(parameter, text_or_empty(parameter, "type"));
  return legacy ? text_or_empty(*legacy, "fallback_value") : std::string();
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

Judged<std::string> fill_text(const Template& form, std::string text, const Json& parameters) {
  const auto names = placeholders(text);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool named = form.parameter_format == "NAMED";
    const Json* parameter = named ? parameter_named(parameters, names[i]) : &parameters[i];
    if (parameter == nullptr) return refuse(132012, "parameter_name " + names[i] + " is missing");
    const auto type = text_or_empty(*parameter, "type");
    if (type != "text" && type != "currency" && type != "date_time") {
      return refuse(132012, "body parameter " + names[i] + " is not of type text");
    }
    replace_all(text, "{{" + names[i] + "}}", value_of(*parameter));
  }
  return text;
}

Judged<std::string> fill_part(const Template& form, std::string_view type, const Json& sent) {
  const auto* component = component_of(form, type);
  const auto text = component ? text_or_empty(*component, "text") : std::string();
  const auto parameters = parameters_of(sent, type);
  if (auto counted = check_count(placeholders(text).size(), parameters.size(), lower_ascii(type)); !counted) {
    return std::unexpected(counted.error());
  }
  return fill_text(form, text, parameters);
}

// A header of text has its variable, one of media or place its one parameter.
Judged<void> check_header(const Template& form, const Json& sent) {
  const auto* header = component_of(form, "HEADER");
  const auto format = header ? text_or_empty(*header, "format") : std::string();
  if (format.empty() || format == "TEXT") {
    const auto filled = fill_part(form, "HEADER", sent);
    if (!filled) return std::unexpected(filled.error());
    return {};
  }
  const auto parameters = parameters_of(sent, "HEADER");
  const bool fits = parameters.size() == 1 && same_word(text_or_empty(parameters[0], "type"), format);
  if (!fits) return refuse(132012, "header: Format mismatch, expected " + format);
  return {};
}

bool has_button(const Json& sent, std::size_t index) {
  if (!sent.is_array()) return false;
  return std::ranges::any_of(sent, [index](const Json& component) {
    const auto* parameters = find_array(component, "parameters");
    return same_word(text_or_empty(component, "type"), "button") && parameters && parameters->size() == 1 &&
           find_integer(component, "index") == static_cast<std::int64_t>(index);
  });
}

Judged<void> check_buttons(const Template& form, const Json& sent) {
  const auto* component = component_of(form, "BUTTONS");
  const auto* buttons = component ? find_array(*component, "buttons") : nullptr;
  if (buttons == nullptr) return {};
  for (std::size_t i = 0; i < buttons->size(); ++i) {
    const auto& button = (*buttons)[i];
    const bool wants_part =
        text_or_empty(button, "type") == "COPY_CODE" || !placeholders(text_or_empty(button, "url")).empty();
    if (wants_part && !has_button(sent, i)) {
      return refuse(131008, "buttons: Button at index " + std::to_string(i) + " requires a parameter");
    }
  }
  return {};
}

// What Meta checks of a text and of buttons when a template is made.
constexpr int kVariableAtEdge = 2388299;
constexpr std::size_t kBodyCharacters = 1'024;
constexpr std::size_t kMostButtons = 10;

std::size_t samples_of(const Json& body) {
  const auto* example = find_object(body, "example");
  if (example == nullptr) return 0;
  if (const auto* named = find_array(*example, "body_text_named_params")) return named->size();
  const auto* positional = find_array(*example, "body_text");
  if (positional == nullptr || positional->empty()) return 0;
  return positional->front().is_array() ? positional->front().size() : positional->size();
}

Judged<void> check_new_body(const Template& form) {
  if (form.category == "AUTHENTICATION") return {};
  const auto& body = *component_of(form, "BODY");
  const auto text = text_or_empty(body, "text");
  const auto count = count_characters(text);
  if (count == 0 || count > kBodyCharacters) return refuse(100, "the BODY's text has 1 to 1024 characters");
  const auto bare = trimmed(text);
  if (bare.starts_with("{{") || bare.ends_with("}}"))
    return std::unexpected(GraphError{
        .code = 100, .details = "Variables can't be at the start or end of the template.", .subcode = kVariableAtEdge});
  if (placeholders(text).size() != samples_of(body)) return refuse(100, "each variable needs an example");
  return {};
}

Judged<void> check_new_buttons(const Template& form) {
  const auto* component = component_of(form, "BUTTONS");
  const auto* buttons = component ? find_array(*component, "buttons") : nullptr;
  if (buttons == nullptr) return {};
  if (buttons->size() > kMostButtons) return refuse(100, "there are 10 buttons at most");
  int groups = 0;
  std::string before;
  for (const auto& button : *buttons) {
    const std::string group = text_or_empty(button, "type") == "QUICK_REPLY" ? "quick" : "other";
    if (group != std::exchange(before, group)) ++groups;
  }
  if (groups > 2) return refuse(100, "quick replies must be grouped together");
  return {};
}

}  // namespace

const Json* component_of(const Template& form, std::string_view type) {
  for (const auto& component : form.components) {
    if (same_word(text_or_empty(component, "type"), type)) return &component;
  }
  return nullptr;
}

std::vector<std::string> placeholders(std::string_view text) {
  std::vector<std::string> names;
  for (auto at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) {
    const auto end = text.find("}}", at);
    if (end == std::string_view::npos) break;
    std::string name(text.substr(at + 2, end - at - 2));
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

Judged<Template> read_new_template(const Json& body) {
  Template form{.status = "PENDING"};
  form.name = text_or_empty(body, "name");
  form.language = text_or_empty(body, "language");
  form.category = text_or_empty(body, "category");
  form.parameter_format = find_text(body, "parameter_format").value_or("POSITIONAL");
  if (const auto* components = find_array(body, "components")) form.components = *components;
  if (!valid_name(form.name)) return refuse(100, "name must be 1 to 512 of a-z, 0-9 and _");
  if (form.language.empty()) return refuse(100, "language is required");
  if (!valid_category(form.category)) return refuse(100, "category must be MARKETING, UTILITY or AUTHENTICATION");
  if (form.parameter_format != "POSITIONAL" && form.parameter_format != "NAMED") {
    return refuse(100, "parameter_format must be POSITIONAL or NAMED");
  }
  if (component_of(form, "BODY") == nullptr) return refuse(100, "components must hold a BODY");
  if (auto text = check_new_body(form); !text) return std::unexpected(text.error());
  if (auto buttons = check_new_buttons(form); !buttons) return std::unexpected(buttons.error());
  return form;
}

Judged<std::string> fill(const Template& form, const Json& sent) {
  if (auto usable = check_status(form); !usable) return std::unexpected(usable.error());
  if (auto header = check_header(form, sent); !header) return std::unexpected(header.error());
  auto body = fill_part(form, "BODY", sent);
  if (!body) return body;
  if (auto buttons = check_buttons(form, sent); !buttons) return std::unexpected(buttons.error());
  return body;
}

Json to_json(const Template& form) {
  return {{"id", form.id},
          {"name", form.name},
          {"language", form.language},
          {"category", form.category},
          {"status", form.status},
          {"parameter_format", form.parameter_format},
          {"components", form.components},
          {"quality_score", {{"score", "UNKNOWN"}}},
          {"rejected_reason", "NONE"}};
}

}  // namespace waypost::sandbox
