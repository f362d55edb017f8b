#include "workflow/step_references.h"

#include <optional>

#include "base/text.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

constexpr std::string_view kSteps = "steps";

// What follows "steps." in a path, which may have filters behind it.
std::optional<std::string> rest_of(std::string_view path) {
  path = trimmed(path.substr(0, path.find('|')));
  if (path == kSteps) return "";
  if (!path.starts_with(kSteps) || path[kSteps.size()] != '.') return std::nullopt;
  return std::string(path.substr(kSteps.size() + 1));
}

// A text with placeholders, or the bare path that a member of this name holds (logic.switch).
constexpr std::string_view kBarePath = "field";

std::vector<std::string> references_in(std::string_view key, const std::string& text) {
  std::vector<std::string> references;
  auto paths = variables_in(text);
  if (key == kBarePath && paths.empty()) paths.push_back(text);
  for (const auto& path : paths) {
    if (auto rest = rest_of(path)) references.push_back(*std::move(rest));
  }
  return references;
}

void collect(std::vector<StepReference>& references, const Json& json, const std::string& place) {
  if (json.is_string()) {
    const auto key = std::string_view(place).substr(place.rfind('.') + 1);  // all of it where there is no dot
    for (auto& rest : references_in(key, json.get_ref<const std::string&>())) {
      references.push_back({.place = place, .rest = std::move(rest)});
    }
  }
  if (!json.is_structured()) return;
  for (const auto& [key, value] : json.items()) collect(references, value, place.empty() ? key : place + "." + key);
}

}  // namespace

std::vector<StepReference> step_references(const Json& config) {
  std::vector<StepReference> references;
  collect(references, config, "");
  return references;
}

std::string referred_node(std::string_view rest, const std::set<std::string>& ids) {
  for (auto end = rest.size(); end != std::string_view::npos && end > 0; end = rest.rfind('.', end - 1)) {
    std::string id(rest.substr(0, end));
    if (ids.contains(id)) return id;
  }
  return {};
}

}  // namespace waypost::workflow
