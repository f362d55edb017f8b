#include "workflow/expression.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "workflow/decimal.h"
#include "workflow/values.h"

namespace waypost::workflow {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kBehindAWord = " \t\r\n|:}";

// Closing braces farther behind the opening ones are not theirs: what stands between was never meant as an expression.
constexpr std::size_t kFaultyBytes = 2'000;

// Reads what stands behind the opening braces, from the left. The first fault stays.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text.substr(0, kWindow)) {}

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] bool is_before(char c) const { return at_ < text_.size() && text_[at_] == c; }
  [[nodiscard]] bool is_at_end() const { return text_.substr(at_).starts_with("}}"); }

  // Up to one of `ends`, or of everything.
  std::string_view take_until(std::string_view ends) {
    const auto end = std::min(text_.find_first_of(ends, at_), text_.size());
    const auto taken = text_.substr(at_, end - at_);
    at_ = end;
    return taken;
  }

  bool take(char c) {
    if (!is_before(c)) return false;
    ++at_;
    return true;
  }

  void skip_space() { at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size()); }

  std::optional<FilterCall> filter() {
    skip_space();
    const auto name = take_until(kBehindAWord);
    FilterCall call{.filter = find_filter(name)};
    if (call.filter == nullptr) return wrong(unknown_filter(name));
    for (skip_space(); take(':'); skip_space()) {
      auto read = argument();
      if (!read) return std::nullopt;
      call.arguments.push_back(std::move(*read));
    }
    if (!call.filter->takes(call.arguments))
      return wrong(std::string(name) + " takes " + std::string(call.filter->arguments));
    return call;
  }

  std::nullopt_t wrong(std::string why) {
    if (fault_.empty()) fault_ = std::move(why);
    return std::nullopt;
  }

 private:
  static std::string unknown_filter(std::string_view name) {
    if (name.empty()) return "a filter's name is missing behind |";
    std::string known;
    for (const auto& filter : all_filters()) known.append(known.empty() ? "" : ", ").append(filter.name);
    return "there is no filter " + std::string(name) + "; there are " + known;
  }

  std::optional<Json> argument() {
    skip_space();
    if (take('"')) return quoted('"');
    if (take('\'')) return quoted('\'');
    auto number = read_decimal(take_until(kBehindAWord));
    if (!number) return wrong("behind : stands a text in quotes or a number");
    return number;
  }

  std::optional<Json> quoted(char quote) {
    std::string text;
    while (at_ < text_.size() && text_[at_] != quote) {
      const bool is_escape = text_[at_] == '\\' && at_ + 1 < text_.size();
      if (is_escape) ++at_;
      text += is_escape && text_[at_] == 'n' ? '\n' : text_[at_];
      ++at_;
    }
    if (!take(quote)) return wrong("a text in quotes does not end");
    return Json(std::move(text));
  }

  // The longest expression and its braces, and something more to see that one is longer.
  static constexpr std::size_t kWindow = kExpressionBytes + 4;

  std::string_view text_;
  std::size_t at_ = 0;
  std::string fault_;
};

void read_filters(Reader& reader, Expression& expression) {
  while (reader.take('|')) {
    auto call = reader.filter();
    if (!call) return;
    expression.filters.push_back(std::move(*call));
  }
  if (expression.filters.size() > kFiltersInARow) {
    reader.wrong("has more than " + std::to_string(kFiltersInARow) + " filters");
  } else if (!reader.is_at_end()) {
    reader.wrong("behind a filter stands | and another, or }}");
  }
}

std::string length_fault(const Reader& reader, const Expression& expression) {
  const auto longer = [](std::size_t most) { return "is longer than " + std::to_string(most) + " bytes"; };
  if (reader.at() > kExpressionBytes) return longer(kExpressionBytes);
  return expression.path.size() > kPathBytes ? "the path " + longer(kPathBytes) : std::string();
}

std::optional<Placeholder> faulty(std::string_view text, std::size_t begin, Placeholder place) {
  const auto inside = text.substr(begin + 2, kFaultyBytes);
  const auto end = inside.find("}}");
  if (end == std::string_view::npos) return std::nullopt;
  place.expression.written = trimmed(inside.substr(0, end));
  place.end = begin + 2;
  return place;
}

// What begins with the braces at `begin`; nothing when it only looks like an expression.
std::optional<Placeholder> placeholder_at(std::string_view text, std::size_t begin) {
  Reader reader(text.substr(begin + 2));
  Placeholder place{.begin = begin};
  auto& expression = place.expression;
  expression.path = trimmed(reader.take_until("|{}\n\r"));
  if (expression.path.empty()) return std::nullopt;
  if (reader.is_before('|')) {
    read_filters(reader, expression);
  } else if (!reader.is_at_end() && reader.at() <= kExpressionBytes) {
    return std::nullopt;
  }
  place.fault = length_fault(reader, expression);
  if (place.fault.empty()) place.fault = reader.fault();
  if (!place.fault.empty()) return faulty(text, begin, std::move(place));
  expression.written = trimmed(text.substr(begin + 2, reader.at()));
  place.end = begin + 2 + reader.at() + 2;
  return place;
}

std::string_view zone_of(const Json& scope) {
  const Json* zone = look_up(scope, "workspace.timeZone");
  return zone != nullptr && zone->is_string() ? std::string_view(zone->get_ref<const std::string&>()) : "UTC";
}

Value value_at(const Json& scope, std::string_view path) {
  const Json* found = look_up(scope, path);
  if (found == nullptr) return {.is_unknown = true};
  if (found->is_string()) return {.json = std::string(first_bytes(found->get_ref<const std::string&>(), kFilledBytes))};
  if (!bytes_of(*found, kFilledBytes, kFilledDepth)) return {.is_unknown = true};
  return {.json = *found};
}

}  // namespace

std::optional<Placeholder> next_placeholder(std::string_view text, std::size_t from) {
  for (auto begin = text.find("{{", from); begin != std::string_view::npos; begin = text.find("{{", begin + 1)) {
    if (auto place = placeholder_at(text, begin)) return place;
  }
  return std::nullopt;
}

Value evaluate(const Expression& expression, const Json& scope) {
  auto value = value_at(scope, expression.path);
  if (expression.filters.empty()) return value;
  const auto zone = zone_of(scope);
  for (const auto& call : expression.filters) value = call.filter->apply(std::move(value), {call.arguments, zone});
  return value;
}

}  // namespace waypost::workflow
