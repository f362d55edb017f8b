// Expression: what stands between "{{" and "}}" in a text: a path, and filters that its value goes through. Never code:
// no operator, no loop, no call but the filters' (filters.h). Every function is total. Pure; any thread.
//
//   text        … "{{" expression "}}" …
//   expression  path { "|" filter }
//   filter      name { ":" argument }
//   argument    "quoted" or 'quoted', \ takes the next character as it is, \n is a new line; or a number
//
// Space may stand around each of them. Reading costs time in proportion to the text, whatever stands in it.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workflow/filters.h"

namespace waypost::workflow {

inline constexpr std::size_t kExpressionBytes = 500;  // between the braces
inline constexpr std::size_t kPathBytes = 200;
inline constexpr std::size_t kFiltersInARow = 8;

struct FilterCall {
  const Filter* filter = nullptr;
  Arguments arguments{};
};

struct Expression {
  std::string_view written{};  // without braces and space around it; a view of the text
  std::string_view path{};
  std::vector<FilterCall> filters{};
};

// Where an expression stands in a text.
struct Placeholder {
  std::size_t begin = 0;
  std::size_t end = 0;  // behind the braces
  Expression expression{};
  // Why it cannot be evaluated, for who wrote it; `end` is then behind its opening braces.
  std::string fault{};
};

// The next one that begins at `from` or later. What only looks like one ("{{ }}", "{{a", a line break in the path) is
// passed over.
std::optional<Placeholder> next_placeholder(std::string_view text, std::size_t from);

// An object or a list of more than kFilledBytes or nested deeper than kFilledDepth is not taken and is unknown; a text
// is cut.
Value evaluate(const Expression& expression, const Json& scope);

}  // namespace waypost::workflow
