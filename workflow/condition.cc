#include "workflow/condition.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "base/text.h"
#include "workflow/fold.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

constexpr std::array<std::pair<std::string_view, Operator>, 8> kOperators{{
    {"equals", Operator::Equals},
    {"not_equals", Operator::NotEquals},
    {"contains", Operator::Contains},
    {"starts_with", Operator::StartsWith},
    {"ends_with", Operator::EndsWith},
    {"gt", Operator::Greater},
    {"lt", Operator::Less},
    {"in", Operator::In},
}};

std::optional<double> number_in(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_listed(std::string_view left, std::string_view list) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto element = folded(list.substr(0, comma));
    if (!element.empty() && element == left) return true;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

bool texts_hold(std::string_view left, Operator op, std::string_view right) {
  const auto mine = folded(left);
  const auto theirs = folded(right);
  const auto a = number_in(left);
  const auto b = number_in(right);
  switch (op) {
    case Operator::Equals:
      return mine == theirs;
    case Operator::NotEquals:
      return mine != theirs;
    case Operator::Contains:
      return !theirs.empty() && mine.contains(theirs);
    case Operator::StartsWith:
      return !theirs.empty() && mine.starts_with(theirs);
    case Operator::EndsWith:
      return !theirs.empty() && mine.ends_with(theirs);
    case Operator::Greater:
      return a && b && *a > *b;
    case Operator::Less:
      return a && b && *a < *b;
    case Operator::In:
      return is_listed(mine, right);
  }
}

}  // namespace

std::optional<Operator> operator_named(std::string_view name) {
  const auto found = std::ranges::find(kOperators, name, &std::pair<std::string_view, Operator>::first);
  if (found == kOperators.end()) return std::nullopt;
  return found->second;
}

bool holds(const Json& left, Operator op, std::string_view right) {
  if (!left.is_array()) return texts_hold(text_of(left), op, right);
  const auto element_holds = [&](const Json& element) { return texts_hold(text_of(element), op, right); };
  return op == Operator::NotEquals ? std::ranges::all_of(left, element_holds)
                                   : std::ranges::any_of(left, element_holds);
}

}  // namespace waypost::workflow
