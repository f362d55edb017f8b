#include "base/json.h"

#include <charconv>

#include "base/text.h"

namespace waypost {
namespace {

bool is_high(unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low(unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; }

// The code unit of "\uXXXX" at `at`, or nothing.
std::optional<unsigned> escape_at(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  unsigned unit = 0;
  const auto [end, error] = std::from_chars(text.data() + at + 2, text.data() + at + 6, unit, 16);
  if (error != std::errc() || end != text.data() + at + 6) return std::nullopt;
  return unit;
}

// Replaces \u0000 and lone surrogates by \ufffd; a copy is made only when there is one.
std::string mended_escapes(std::string_view text) {
  std::string out(text);
  for (std::size_t at = out.find('\\'); at != std::string::npos && at + 1 < out.size(); at = out.find('\\', at)) {
    const auto unit = escape_at(out, at);
    if (!unit) {
      at += 2;
      continue;
    }
    const auto next = escape_at(out, at + 6);
    if (is_high(*unit) && next && is_low(*next)) {
      at += 12;
      continue;
    }
    if (*unit == 0 || is_high(*unit) || is_low(*unit)) out.replace(at, 6, "\\ufffd");
    at += 6;
  }
  return out;
}

bool needs_mending(std::string_view text) {
  for (std::size_t at = text.find("\\u"); at != std::string_view::npos; at = text.find("\\u", at + 2)) {
    if (at + 2 >= text.size()) return false;
    const char c = text[at + 2];
    if (c == 'd' || c == 'D' || text.substr(at + 2, 4) == "0000") return true;
  }
  return false;
}

// A pass of its own: nlohmann's callback is asked for every value and costs more.
bool nests_deeper(std::string_view text, int limit) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\')
        ++at;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limit) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
  // nlohmann takes a NUL for the end and would leave out what stands behind it.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos)
    return fail(ErrorKind::InvalidInput, "not JSON: a NUL at byte " + std::to_string(nul + 1));
  if (nests_deeper(text, kJsonDepth)) return fail(ErrorKind::InvalidInput, "JSON nested deeper than 64 levels");
  try {
    const std::string valid = valid_utf8(text) ? std::string() : mended_utf8(text);
    const std::string_view source = valid.empty() ? text : std::string_view(valid);
    if (needs_mending(source)) return Json::parse(mended_escapes(source));
    return Json::parse(source.begin(), source.end());
  } catch (const Json::parse_error& error) {
    return fail(ErrorKind::InvalidInput, "not JSON: the fault is at byte " + std::to_string(error.byte));
  } catch (const Json::exception&) {
    return fail(ErrorKind::InvalidInput, "not JSON: a number is out of range");
  }
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

const Json* find(const Json& json, std::string_view key) {
  if (!json.is_object()) return nullptr;
  const auto at = json.find(key);
  return at == json.end() ? nullptr : &*at;
}

const Json* find_object(const Json& json, std::string_view key) {
  const Json* value = find(json, key);
  return value && value->is_object() ? value : nullptr;
}

const Json* find_array(const Json& json, std::string_view key) {
  const Json* value = find(json, key);
  return value && value->is_array() ? value : nullptr;
}

std::optional<std::string> find_text(const Json& json, std::string_view key) {
  const Json* value = find(json, key);
  if (!value || !value->is_string()) return std::nullopt;
  return value->get<std::string>();
}

std::optional<bool> find_bool(const Json& json, std::string_view key) {
  const Json* value = find(json, key);
  if (!value || !value->is_boolean()) return std::nullopt;
  return value->get<bool>();
}

std::optional<std::int64_t> find_integer(const Json& json, std::string_view key) {
  const Json* value = find(json, key);
  if (!value) return std::nullopt;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX))
    return std::nullopt;
  if (value->is_number_integer()) return value->get<std::int64_t>();
  if (!value->is_string()) return std::nullopt;
  const auto& text = value->get_ref<const std::string&>();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string text_or_empty(const Json& json, std::string_view key) {
  return find_text(json, key).value_or(std::string());
}

}  // namespace waypost
