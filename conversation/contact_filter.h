// A filter: which contacts, by conditions; the groups of the API. Pure; any thread.
//
//   {"version": 1, "logic": "AND" | "OR", "conditions": [{"field", "operator", "value"}]}
//
// field                            operators                                        value
// tags                             contains, not_contains, in, exists, not_exists   a tag; in: a list
// name, phone, language,           equals, not_equals, contains, starts_with,       a text; in: a list
//   fields.<key>                   ends_with, in, exists, not_exists
// optedOut                         equals                                           true | false
// createdAt, lastInboundAt         gt, lt (also after, before)                      ISO 8601; lastInboundAt also
//                                                                                   exists, not_exists
// Texts are compared as they are written, upper and lower case apart. A value that is not there differs from all.

#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

namespace waypost {

enum class FilterField { Tags, Name, Phone, Language, Custom, OptedOut, CreatedAt, LastInboundAt };
enum class FilterOperator {
  Equals,
  NotEquals,
  Contains,
  NotContains,
  StartsWith,
  EndsWith,
  In,
  Exists,
  NotExists,
  After,
  Before
};

struct FilterCondition {
  FilterField field = FilterField::Tags;
  std::string key{};  // of Custom
  FilterOperator op = FilterOperator::Equals;
  std::vector<std::string> texts{};  // one, but for In
  bool truth = false;                // of OptedOut
  Time at{};                         // of times
};

enum class FilterLogic { All, Any };
struct ContactFilter {
  FilterLogic logic = FilterLogic::All;
  std::vector<FilterCondition> conditions{};  // none: with All everybody, with Any nobody
};

inline constexpr std::size_t kMostConditions = 20;
inline constexpr std::size_t kMostValues = 100;  // of In

// InvalidInput with the path of every fault below `path` ("filters.conditions.0.operator").
Result<ContactFilter> read_contact_filter(const Json& json, std::string_view path);

}  // namespace waypost
