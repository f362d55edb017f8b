#include "workflow/values.h"

#include <charconv>
#include <optional>

#include "base/text.h"

namespace waypost::workflow {
namespace {

const Json* element_at(const Json& list, std::string_view place) {
  constexpr std::size_t kDigits = 9;
  if (place.empty() || place.size() > kDigits) return nullptr;
  std::int64_t at = 0;
  const auto [end, error] = std::from_chars(place.data(), place.data() + place.size(), at);
  if (error != std::errc() || end != place.data() + place.size()) return nullptr;
  const auto size = static_cast<std::int64_t>(list.size());
  if (at < 0) at += size;
  return at >= 0 && at < size ? &list[static_cast<std::size_t>(at)] : nullptr;
}

struct Step {
  const Json* value = nullptr;
  std::optional<std::string_view> rest{};  // of the path; nothing when the value is that of the whole
};

Step step_into(const Json& json, std::string_view path) {
  if (const Json* whole = find(json, path)) return {whole};
  for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    const auto key = path.substr(0, dot);
    if (json.is_array()) return {element_at(json, key), path.substr(dot + 1)};
    if (const Json* value = find(json, key)) return {value, path.substr(dot + 1)};
  }
  return {json.is_array() ? element_at(json, path) : nullptr};
}

// Takes off `left` what the value's JSON has about; false as soon as too little is left.
bool takes(const Json& value, std::size_t& left, int depth) {
  const std::size_t own = value.is_string() ? value.get_ref<const std::string&>().size() + 3 : 5;
  if (own > left) return false;
  left -= own;
  if (!value.is_structured()) return true;
  if (depth == 0) return false;
  for (const auto& [key, part] : value.items()) {
    const std::size_t named = value.is_object() ? key.size() + 3 : 0;
    if (named > left) return false;
    left -= named;
    if (!takes(part, left, depth - 1)) return false;
  }
  return true;
}

}  // namespace

std::string_view bare_path(std::string_view path) {
  path = trimmed(path);
  if (path.starts_with("{{") && path.ends_with("}}") && path.size() >= 4) path = path.substr(2, path.size() - 4);
  return trimmed(path);
}

const Json* look_up(const Json& scope, std::string_view path) {
  Step at{&scope, bare_path(path)};
  do {
    at = step_into(*at.value, *at.rest);
  } while (at.value != nullptr && at.rest);
  return at.value;
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return dump(value);
  if (!value.is_array()) return {};
  std::string text;
  for (const auto& element : value) {
    if (element.is_array()) continue;
    if (!text.empty()) text += ", ";
    text += text_of(element);
  }
  return text;
}

bool is_nothing(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().empty();
  return value.is_null() || (value.is_array() && value.empty());
}

std::optional<std::size_t> bytes_of(const Json& value, std::size_t most, int depth) {
  auto left = most;
  return takes(value, left, depth) ? std::optional(most - left) : std::nullopt;
}

}  // namespace waypost::workflow
