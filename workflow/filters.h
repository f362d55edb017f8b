// Filters: what may stand behind a path in an expression: "{{contact.name | default:"there" | upper}}". Each takes any
// value and gives one; none throws, reads anything but its value, or gives more than kFilledBytes of text. One table of
// all, from which docs/expressions.md is made. Pure; any thread.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace waypost::workflow {

// What goes from a path through the filters into the text.
struct Value {
  Json json{};
  std::optional<std::string> shown{};  // how it reads in a text, where not as text_of(json) says: 12.50
  bool is_unknown = false;             // nothing is at the path, or a filter could not read what is

  [[nodiscard]] std::string text() const;
};

using Arguments = std::vector<Json>;  // texts and numbers

struct Given {
  const Arguments& arguments;
  std::string_view zone{};  // the workspace's
};

// With what it gives for `value` (JSON), shown in the documentation and held by a test.
struct FilterExample {
  std::string_view value{};
  std::string_view call{};  // "truncate:5"
};

struct Filter {
  std::string_view name{};
  std::string_view says{};       // one sentence
  std::string_view arguments{};  // in words, for the documentation and for who wrote wrong ones
  FilterExample example{};
  bool (*takes)(const Arguments& arguments) = nullptr;
  // The arguments are such as it takes.
  Value (*apply)(Value value, const Given& given) = nullptr;
};

// In the order in which people meet them.
std::span<const Filter> all_filters();
// Nothing: there is no such filter.
const Filter* find_filter(std::string_view name);

}  // namespace waypost::workflow
