// A template's header and body: text, positional or named, the older currency and date_time, media, a place.

#include <algorithm>
#include <set>

#include "conversation/content_rules.h"
#include "conversation/content_template_rules.h"

namespace waypost {
namespace {

// {{first_name}}: lower case letters, digits and underscores, the first a letter or an underscore.
bool is_variable(std::string_view name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return std::ranges::all_of(name, fits) && !(name.front() >= '0' && name.front() <= '9');
}

void check_fallback(const Part& parameter, std::string_view type) {
  const auto value = parameter.object(type);
  if (!value) return;
  value->text("fallback_value");
  if (type != "currency") return;
  value->text("code", {.least = 3, .most = 3});
  value->integer("amount_1000", {.least = std::numeric_limits<std::int64_t>::min()});
}

void check_parameter(const Part& parameter, Choices kinds) {
  const auto type = parameter.word("type", kinds);
  if (!type) return;
  if (*type == "text") {
    parameter.text("text");
  } else if (*type == "currency" || *type == "date_time") {
    check_fallback(parameter, *type);
  } else if (const auto part = parameter.object(*type)) {
    if (*type == "location") {
      check_location(*part);
    } else {
      check_media_source(*part);
    }
  }
}

// All of a component are named, each once, or none is.
void check_names(const std::vector<Part>& parameters) {
  const auto is_named = [](const Part& parameter) { return parameter.has("parameter_name"); };
  if (std::ranges::none_of(parameters, is_named)) return;
  std::set<std::string> names;
  for (const auto& parameter : parameters) {
    const auto name = parameter.text("parameter_name");
    if (!name) continue;
    if (!is_variable(*name)) parameter.complain("parameter_name", "may hold a to z, 0 to 9 and _ only");
    if (!names.insert(*name).second) parameter.complain("parameter_name", "is there twice");
  }
}

}  // namespace

void check_template_header(const Part& component) {
  const auto parameters = component.maybe_list("parameters", {.least = 0, .most = 1});
  for (const auto& parameter : parameters) {
    check_parameter(parameter, {"text", "image", "video", "document", "location", "currency", "date_time"});
  }
  check_names(parameters);
}

void check_template_body(const Part& component) {
  const auto parameters = component.maybe_list("parameters", {.least = 0});
  for (const auto& parameter : parameters) check_parameter(parameter, {"text", "currency", "date_time"});
  check_names(parameters);
}

}  // namespace waypost
