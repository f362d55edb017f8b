#include "conversation/fallback_content.h"

#include <utility>
#include <vector>

#include "base/text.h"
#include "conversation/template_text.h"

namespace waypost {
namespace {

constexpr std::string_view kKeptBack = "{{text}}";

struct Parameter {
  std::string name{};
  std::string text{};
};

std::string body_of(const Json& components) {
  const Json* body = component_of(components, "body");
  return body ? text_or_empty(*body, "text") : std::string();
}

std::vector<Parameter> read_parameters(const Json& parameters, const std::vector<std::string>& variables) {
  std::vector<Parameter> read;
  if (!parameters.is_array()) return read;
  for (const auto& each : parameters) {
    const auto place = read.size();
    std::string name = place < variables.size() ? variables[place] : std::to_string(place + 1);
    if (each.is_string()) {
      read.push_back({.name = std::move(name), .text = each.get<std::string>()});
    } else {
      read.push_back({.name = find_text(each, "name").value_or(std::move(name)), .text = text_or_empty(each, "text")});
    }
  }
  return read;
}

std::vector<Parameter> filled(std::vector<Parameter> parameters, std::string_view kept_back) {
  for (auto& each : parameters) {
    each.text = fit_parameter(replaced(std::move(each.text), kKeptBack, kept_back), kTemplateBodyCharacters);
  }
  return parameters;
}

std::string rendered(std::string body, const std::vector<Parameter>& parameters) {
  for (const auto& each : parameters) body = replaced(std::move(body), "{{" + each.name + "}}", each.text);
  return body;
}

// What is left of the body's limit for the kept text.
std::size_t room_for_text(const std::string& body, const std::vector<Parameter>& parameters) {
  const std::size_t taken = count_characters(rendered(body, filled(parameters, "")));
  return taken < kTemplateBodyCharacters ? kTemplateBodyCharacters - taken : 1;
}

Json body_component(const TemplateShape& shape, const std::vector<Parameter>& parameters) {
  Json list = Json::array();
  for (const auto& each : parameters) {
    Json parameter{{"type", "text"}, {"text", each.text}};
    if (shape.parameter_format == "NAMED") parameter["parameter_name"] = each.name;
    list.push_back(std::move(parameter));
  }
  return {{"type", "body"}, {"parameters", std::move(list)}};
}

}  // namespace

std::string fit_parameter(std::string_view text, std::size_t characters) {
  constexpr std::string_view kSpaces = " \t\r\n\v\f";
  std::string fit;
  for (const char c : trimmed(text)) {
    const bool space = kSpaces.contains(c);
    if (space && fit.ends_with(' ')) continue;
    fit += space ? ' ' : c;
  }
  if (count_characters(fit) <= characters) return fit;
  return std::string(first_characters(fit, characters - 1)) + "…";
}

TemplateContent fallback_content(const TemplateShape& shape, const Json& parameters, std::string_view kept_back) {
  const std::string body = body_of(shape.components);
  // Positional ones go by number, wherever they stand in the body.
  const bool named = shape.parameter_format == "NAMED";
  const auto asked = read_parameters(parameters, named ? variables_of(body) : std::vector<std::string>());
  const auto ready = filled(asked, fit_parameter(kept_back, room_for_text(body, asked)));
  TemplateContent made{.content = {{"name", shape.name}, {"language", {{"code", shape.language}}}},
                       .text = rendered(body, ready)};
  if (!ready.empty()) made.content["components"] = Json::array({body_component(shape, ready)});
  return made;
}

}  // namespace waypost
