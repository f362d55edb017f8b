#include "api/input.h"

#include <algorithm>

#include "base/text.h"

namespace waypost::api {
namespace {

std::string type_of(const Json& value) { return value.is_number() ? "number" : value.type_name(); }

std::string characters(std::string_view bound, std::size_t count) {
  return "String must contain at " + std::string(bound) + " " + std::to_string(count) + " character(s)";
}

// What breaks the rule, or "".
std::string broken(std::string_view text, const TextRule& rule) {
  const auto size = count_characters(text);
  if (size < rule.least) return characters("least", rule.least);
  if (size > rule.most) return characters("most", rule.most);
  return {};
}

}  // namespace

Result<Input> Input::of(const Request& request) {
  if (trimmed(request.body).empty()) return Input(Json::object());
  auto body = parse_json(request.body);
  if (!body) return fail(ErrorKind::InvalidInput, "Malformed JSON");
  if (!body->is_object()) return fail(ErrorKind::InvalidInput, "The body must be a JSON object");
  return Input(*std::move(body));
}

bool Input::is_null(std::string_view key) const {
  const auto found = body_.find(key);
  return found != body_.end() && found->is_null();
}

const Json* Input::member(std::string_view key) const {
  const auto found = body_.find(key);
  return found == body_.end() || found->is_null() ? nullptr : &*found;
}

void Input::expected(std::string_view key, std::string_view type, const Json& found) {
  complain(key, "Expected " + std::string(type) + ", received " + type_of(found));
}

std::string Input::text(std::string_view key, TextRule rule) {
  if (member(key) == nullptr) {
    complain(key, "Required");
    return {};
  }
  return maybe_text(key, rule).value_or("");
}

std::optional<std::string> Input::maybe_text(std::string_view key, TextRule rule) {
  const Json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    expected(key, "string", *value);
    return std::nullopt;
  }
  const auto& whole = value->get_ref<const std::string&>();
  std::string text(rule.trim ? trimmed(whole) : std::string_view(whole));
  if (auto words = broken(text, rule); !words.empty()) {
    complain(key, std::move(words));
    return std::nullopt;
  }
  return text;
}

std::optional<bool> Input::maybe_bool(std::string_view key) {
  const Json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  expected(key, "boolean", *value);
  return std::nullopt;
}

std::optional<std::int64_t> Input::maybe_integer(std::string_view key, std::int64_t least, std::int64_t most) {
  const Json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_integer()) {
    expected(key, "integer", *value);
    return std::nullopt;
  }
  const bool fits = !value->is_number_unsigned() || value->get<std::uint64_t>() <= static_cast<std::uint64_t>(most);
  const auto number = fits ? value->get<std::int64_t>() : most;
  if (fits && number >= least && number <= most) return number;
  complain(key, "Number must be between " + std::to_string(least) + " and " + std::to_string(most));
  return std::nullopt;
}

const Json* Input::maybe_object(std::string_view key) {
  const Json* value = member(key);
  if (value == nullptr || value->is_object()) return value;
  expected(key, "object", *value);
  return nullptr;
}

std::optional<std::vector<std::string>> Input::maybe_texts(std::string_view key, std::size_t most) {
  const Json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array()) {
    expected(key, "array", *value);
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < value->size(); ++at) {
    const std::string path = std::string(key) + "." + std::to_string(at);
    const Json& one = (*value)[at];
    if (!one.is_string()) {
      expected(path, "string", one);
      continue;
    }
    std::string text(trimmed(one.get_ref<const std::string&>()));
    if (auto words = broken(text, {.least = 1, .most = most}); !words.empty()) {
      complain(path, std::move(words));
    } else if (std::ranges::find(texts, text) == texts.end()) {
      texts.push_back(std::move(text));
    }
  }
  return texts;
}

void Input::complain(std::string_view path, std::string message) {
  complaints_.push_back({std::string(path), std::move(message)});
}

Result<void> Input::end() const {
  if (complaints_.empty()) return {};
  return fail(Error(ErrorKind::InvalidInput, "Validation failed").with_fields(complaints_));
}

}  // namespace waypost::api
