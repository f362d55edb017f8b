#include "conversation/broadcast_content.h"

#include <set>
#include <utility>

#include "base/text.h"

namespace waypost {
namespace {

// The placeholder that begins at `open`; nothing when it is not closed.
struct Placeholder {
  std::string_view path{};
  std::size_t end = 0;  // behind it
};
std::optional<Placeholder> placeholder_at(std::string_view text, std::size_t open) {
  const auto close = text.find("}}", open + 2);
  if (close == std::string_view::npos) return std::nullopt;
  return Placeholder{.path = trimmed(text.substr(open + 2, close - open - 2)), .end = close + 2};
}

std::string filled(std::string_view text, const RecipientValues& values) {
  std::string out;
  while (true) {
    const auto open = text.find("{{");
    const auto found = open == std::string_view::npos ? std::nullopt : placeholder_at(text, open);
    if (!found) return out += text;
    out += text.substr(0, open);
    const auto value = values.find(found->path);
    if (value != values.end()) out += value->second;
    text.remove_prefix(found->end);
  }
}

bool is_known(std::string_view path) {
  return path == "contact.name" || path == "contact.phone" || path == "contact.language" ||
         (path.starts_with("contact.fields.") && path.size() > 15) || (path.starts_with("row.") && path.size() > 4);
}

std::string text_of(const Json& parameter) {
  return parameter.is_string() ? parameter.get<std::string>() : text_or_empty(parameter, "text");
}

// "" when there is nothing to put there.
std::string filled_parameter(const Json& parameter, const RecipientValues& values) {
  auto text = fit_parameter(filled(text_of(parameter), values), kTemplateBodyCharacters);
  if (!text.empty() || !parameter.is_object()) return text;
  return fit_parameter(text_or_empty(parameter, "default"), kTemplateBodyCharacters);
}

std::optional<TemplateContent> from_list(const TemplateShape& shape, const Json& parameters,
                                         const RecipientValues& values) {
  Json ready = Json::array();
  for (const auto& parameter : parameters) {
    Json one{{"text", filled_parameter(parameter, values)}};
    if (one["text"].get_ref<const std::string&>().empty()) return std::nullopt;
    if (const auto name = find_text(parameter, "name")) one["name"] = *name;
    ready.push_back(std::move(one));
  }
  return fallback_content(shape, ready, "");
}

// Every text in it; false when one that had a placeholder comes out empty.
bool fill_all(Json& json, const RecipientValues& values) {
  if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    if (text.find("{{") == std::string::npos) return true;
    auto ready = fit_parameter(filled(text, values), kTemplateBodyCharacters);
    const bool is_there = !ready.empty();
    json = std::move(ready);
    return is_there;
  }
  if (!json.is_structured()) return true;
  bool all = true;
  for (auto& inner : json) all = fill_all(inner, values) && all;
  return all;
}

std::optional<TemplateContent> from_components(const TemplateShape& shape, const Json& parameters,
                                               const RecipientValues& values) {
  Json components = parameters["components"];
  if (!fill_all(components, values)) return std::nullopt;
  return TemplateContent{.content = {{"name", shape.name},
                                     {"language", {{"code", shape.language}}},
                                     {"components", std::move(components)}},
                         .text = {}};
}

void check_text(std::vector<FieldError>& faults, const std::string& path, std::string_view text) {
  for (auto open = text.find("{{"); open != std::string_view::npos; open = text.find("{{", open + 2)) {
    const auto found = placeholder_at(text, open);
    if (!found) return faults.push_back({path, "A placeholder is not closed"});
    if (!is_known(found->path)) {
      faults.push_back({path, "Unknown placeholder {{" + std::string(found->path) +
                                  "}}: contact.name, contact.phone, contact.language, contact.fields.<key> or "
                                  "row.<column> expected"});
    }
  }
}

void check_components(std::vector<FieldError>& faults, const std::string& path, const Json& json) {
  const auto below = [&path](const std::string& key) {
    std::string inner = path;
    return inner.append(".").append(key);
  };
  if (json.is_string()) return check_text(faults, path, json.get_ref<const std::string&>());
  if (json.is_array()) {
    for (std::size_t at = 0; at < json.size(); ++at) check_components(faults, below(std::to_string(at)), json[at]);
  } else if (json.is_object()) {
    for (const auto& [key, value] : json.items()) check_components(faults, below(key), value);
  }
}

void check_parameter(std::vector<FieldError>& faults, const std::string& path, const Json& parameter) {
  if (!parameter.is_string() && !(parameter.is_object() && find_text(parameter, "text")))
    return faults.push_back({path, "Expected a text or {\"name\"?, \"text\", \"default\"?}"});
  check_text(faults, path, text_of(parameter));
  for (const std::string_view key : {"name", "default"}) {
    const Json* value = find(parameter, key);
    if (value && !value->is_string()) faults.push_back({path + "." + std::string(key), "Expected string"});
  }
}

std::size_t variables_in_body(const Json& components) {
  std::set<std::string, std::less<>> names;
  if (!components.is_array()) return 0;
  for (const auto& component : components) {
    if (lower_ascii(text_or_empty(component, "type")) != "body") continue;
    const auto text = text_or_empty(component, "text");
    for (auto open = text.find("{{"); open != std::string::npos; open = text.find("{{", open + 2)) {
      if (const auto found = placeholder_at(text, open)) names.emplace(found->path);
    }
  }
  return names.size();
}

}  // namespace

void add_row_values(RecipientValues& values, const Json& row) {
  if (!row.is_object()) return;
  for (const auto& [key, value] : row.items()) {
    if (value.is_string()) values["row." + key] = value.get<std::string>();
  }
}

std::optional<TemplateContent> broadcast_content(const TemplateShape& shape, const Json& parameters,
                                                 const RecipientValues& values) {
  if (parameters.is_array()) return from_list(shape, parameters, values);
  if (find_array(parameters, "components")) return from_components(shape, parameters, values);
  return from_list(shape, Json::array(), values);
}

std::vector<FieldError> broadcast_parameter_faults(const Json& parameters, const TemplateShape* shape) {
  std::vector<FieldError> faults;
  if (const Json* components = find_array(parameters, "components")) {
    check_components(faults, "components", *components);
    return faults;
  }
  if (!parameters.is_array()) return {{"parameters", "Expected array"}};
  for (std::size_t at = 0; at < parameters.size(); ++at)
    check_parameter(faults, "parameters." + std::to_string(at), parameters[at]);
  const auto variables = shape ? variables_in_body(shape->components) : parameters.size();
  if (variables != parameters.size()) {
    faults.push_back({"parameters", "The template's body has " + std::to_string(variables) + " variable(s), " +
                                        std::to_string(parameters.size()) + " given"});
  }
  return faults;
}

}  // namespace waypost
