#include "conversation/template_text.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace waypost {

const Json* component_of(const Json& components, std::string_view type) {
  if (!components.is_array()) return nullptr;
  const auto found = std::ranges::find_if(components, [wanted = lower_ascii(type)](const Json& component) {
    return lower_ascii(text_or_empty(component, "type")) == wanted;
  });
  return found == components.end() ? nullptr : &*found;
}

std::vector<std::string> variables_of(std::string_view text) {
  std::vector<std::string> names;
  for (auto begin = text.find("{{"); begin != std::string_view::npos; begin = text.find("{{", begin + 2)) {
    const auto end = text.find("}}", begin);
    if (end == std::string_view::npos) break;
    std::string name(trimmed(text.substr(begin + 2, end - begin - 2)));
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

}  // namespace waypost
