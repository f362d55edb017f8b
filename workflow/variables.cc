#include "workflow/variables.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "workflow/expression.h"

namespace waypost::workflow {
namespace {

void append(std::string& text, std::string_view more) { text += first_bytes(more, kFilledBytes - text.size()); }

void append_value(std::string& text, const Json& value) {
  value.is_string() ? append(text, value.get_ref<const std::string&>()) : append(text, text_of(value));
}

void note(std::vector<std::string>& notes, std::string_view text) {
  if (std::ranges::find(notes, text) == notes.end()) notes.emplace_back(text);
}

void note_unknown(std::vector<std::string>& unknown, const Expression& expression, const Json& scope) {
  if (unknown.size() >= kNamedUnknown) return;
  note(unknown, look_up(scope, expression.path) == nullptr ? expression.path : expression.written);
}

// Without filters nothing is copied but the text.
void put(Filled& filled, const Expression& expression, const Json& scope) {
  const Json* plain = expression.filters.empty() ? look_up(scope, expression.path) : nullptr;
  if (plain != nullptr && !plain->is_object()) return append_value(filled.text, *plain);
  const auto value = evaluate(expression, scope);
  if (value.is_unknown || value.json.is_object()) note_unknown(filled.unknown, expression, scope);
  append(filled.text, value.text());
}

std::optional<Expression> expression_alone(std::string_view text) {
  if (!text.starts_with("{{") || !text.ends_with("}}")) return std::nullopt;
  auto place = next_placeholder(text, 0);
  const bool is_alone = place && place->fault.empty() && place->begin == 0 && place->end == text.size();
  return is_alone ? std::optional(std::move(place->expression)) : std::nullopt;
}

// One fill_value.
class Filling {
 public:
  explicit Filling(const Json& scope) : scope_(scope) {}

  Json filled(const Json& json, int depth) {
    if (json.is_string()) return filled_text(json.get_ref<const std::string&>(), depth);
    if (!json.is_structured()) return json;
    if (depth == 0) return nullptr;
    Json out(json.type());
    if (json.is_array()) {
      for (const auto& part : json) out.push_back(filled(part, depth - 1));
    } else {
      for (const auto& [key, part] : json.items()) out[key] = filled(part, depth - 1);
    }
    return out;
  }

  std::vector<std::string> take_unknown() { return std::move(unknown_); }

 private:
  Json filled_text(const std::string& text, int depth) {
    if (!text.contains("{{")) return text;
    if (const auto expression = expression_alone(text)) return value_alone(*expression, depth);
    auto filled = fill(text, scope_);
    for (const auto& path : filled.unknown) keep(path);
    return taken(std::move(filled.text), text, depth);
  }

  Json value_alone(const Expression& expression, int depth) {
    auto value = evaluate(expression, scope_);
    if (value.is_unknown) note_unknown(unknown_, expression, scope_);
    return taken(std::move(value.json), expression.written, depth);
  }

  // The value as long as there is room for it.
  Json taken(Json value, std::string_view written, int depth) {
    const auto bytes = bytes_of(value, left_, depth);
    left_ -= bytes.value_or(0);
    if (bytes) return value;
    keep(written);
    return nullptr;
  }

  void keep(std::string_view unknown) {
    if (unknown_.size() < kNamedUnknown) note(unknown_, unknown);
  }

  const Json& scope_;
  std::vector<std::string> unknown_;
  std::size_t left_ = kFilledJsonBytes;
};

// For a complaint.
std::string shown(std::string_view expression) {
  constexpr std::size_t kShown = 100;
  const auto begin = first_characters(expression, kShown);
  return "{{" + std::string(begin) + (begin.size() < expression.size() ? "…" : "") + "}}";
}

}  // namespace

bool is_known_root(std::string_view path) {
  path = bare_path(path);
  return std::ranges::find(kRoots, path.substr(0, path.find('.')), &Root::name) != std::ranges::end(kRoots);
}

Filled fill(std::string_view text, const Json& scope) {
  Filled filled;
  std::size_t at = 0;
  for (std::size_t count = 0; count < kExpressionsInAText; ++count) {
    const auto place = next_placeholder(text, at);
    if (!place) break;
    const bool is_faulty = !place->fault.empty();
    append(filled.text, text.substr(at, (is_faulty ? place->end : place->begin) - at));
    if (!is_faulty) put(filled, place->expression, scope);
    at = place->end;
  }
  append(filled.text, text.substr(at));
  return filled;
}

FilledValue fill_value(const Json& json, const Json& scope) {
  Filling filling(scope);
  auto value = filling.filled(json, kFilledDepth);
  return {.value = std::move(value), .unknown = filling.take_unknown()};
}

FilledValue value_of(std::string_view expression, const Json& scope) {
  const std::string text = "{{" + std::string(bare_path(expression)) + "}}";
  const auto read = expression_alone(text);
  if (read && !read->filters.empty()) return fill_value(text, scope);
  const Json* found = look_up(scope, expression);
  if (found == nullptr) return {.unknown = {std::string(expression)}};
  return {.value = *found};
}

std::vector<std::string> expression_faults(std::string_view text) {
  std::vector<std::string> faults;
  std::size_t at = 0;
  for (std::size_t count = 0; const auto place = next_placeholder(text, at); ++count) {
    if (count == kExpressionsInAText) {
      faults.push_back("has more than " + std::to_string(kExpressionsInAText) + " expressions");
      break;
    }
    const auto& [written, path, filters] = place->expression;
    if (!is_known_root(path)) note(faults, "unknown variable " + shown(path));
    if (!place->fault.empty()) note(faults, shown(written) + ": " + place->fault);
    at = place->end;
  }
  return faults;
}

std::vector<std::string> variables_in(std::string_view text) {
  std::vector<std::string> paths;
  std::size_t at = 0;
  while (const auto place = next_placeholder(text, at)) {
    if (place->fault.empty()) paths.emplace_back(place->expression.path);
    at = place->end;
  }
  return paths;
}

}  // namespace waypost::workflow
