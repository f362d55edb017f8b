#include "workflow/variables.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace waypost::workflow {
namespace {

constexpr std::size_t kPathBytes = 200;

struct Placeholder {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view path{};
};

bool is_path(std::string_view path) {
  return !path.empty() && path.size() <= kPathBytes && path.find_first_of("{}\n\r") == std::string_view::npos;
}

std::optional<Placeholder> next_placeholder(std::string_view text, std::size_t from) {
  for (auto begin = text.find("{{", from); begin != std::string_view::npos; begin = text.find("{{", begin + 1)) {
    const auto end = text.find("}}", begin + 2);
    if (end == std::string_view::npos) return std::nullopt;
    const auto path = trimmed(text.substr(begin + 2, end - begin - 2));
    if (is_path(path)) return Placeholder{.begin = begin, .end = end + 2, .path = path};
  }
  return std::nullopt;
}

std::string_view bare(std::string_view path) {
  path = trimmed(path);
  if (path.starts_with("{{") && path.ends_with("}}") && path.size() >= 4) path = path.substr(2, path.size() - 4);
  return trimmed(path);
}

// Not within a character: bytes 10xxxxxx go on with one.
std::string_view first_bytes(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most);
}

void append(std::string& text, std::string_view more) { text += first_bytes(more, kFilledBytes - text.size()); }

void note(std::vector<std::string>& unknown, std::string_view path) {
  if (std::ranges::find(unknown, path) == unknown.end()) unknown.emplace_back(path);
}

}  // namespace

bool is_known_root(std::string_view path) {
  path = bare(path);
  return std::ranges::find(kRoots, path.substr(0, path.find('.'))) != std::ranges::end(kRoots);
}

const Json* look_up(const Json& scope, std::string_view path) {
  const Json* at = &scope;
  for (std::string_view rest = bare(path); at != nullptr;) {
    if (const Json* whole = find(*at, rest)) return whole;
    const auto dot = rest.find('.');
    if (dot == std::string_view::npos) return nullptr;
    at = find(*at, rest.substr(0, dot));
    rest.remove_prefix(dot + 1);
  }
  return nullptr;
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

Filled fill(std::string_view text, const Json& scope) {
  Filled filled;
  std::size_t at = 0;
  while (const auto place = next_placeholder(text, at)) {
    append(filled.text, text.substr(at, place->begin - at));
    const Json* value = look_up(scope, place->path);
    if (value == nullptr || value->is_object()) {
      note(filled.unknown, place->path);
    } else {
      append(filled.text, text_of(*value));
    }
    at = place->end;
  }
  append(filled.text, text.substr(at));
  return filled;
}

std::vector<std::string> variables_in(std::string_view text) {
  std::vector<std::string> paths;
  std::size_t at = 0;
  while (const auto place = next_placeholder(text, at)) {
    paths.emplace_back(place->path);
    at = place->end;
  }
  return paths;
}

}  // namespace waypost::workflow
