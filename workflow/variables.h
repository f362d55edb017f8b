// Variables: expressions (expression.h) in texts and JSON, filled with the values of a scope. Every function is total:
// an unknown variable is empty text and named, what is no expression or a faulty one stays as it is written, and what
// is filled in is not read again. Pure; any thread.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "workflow/values.h"

namespace waypost::workflow {

// What filling one JSON takes in at most, texts and values together; what comes later is null and unknown.
inline constexpr std::size_t kFilledJsonBytes = 1 << 20;
// Further expressions of a text stay as they are written, and further unknown variables are not named.
inline constexpr std::size_t kExpressionsInAText = 500;
inline constexpr std::size_t kNamedUnknown = 100;

// First segments that a path may have.
struct Root {
  std::string_view name{};
  std::string_view says{};
};
inline constexpr Root kRoots[] = {
    {"contact", "`id`, `name`, `phone` (with +), `language`, `tags`, `fields.<key>`"},
    {"conversation", "`id`, `status`, `fields.<key>`"},
    {"message", "what started the run: `id`, `type`, `text`, `choice.id` and `choice.title` of a button or row"},
    {"timestamp", "when the customer wrote that message, ISO 8601"},
    {"reply",
     "the customer's last answer that the run waited for: `type`, `text`, `id` and `title` of a button or row"},
    {"router", "`category`, chosen by `ai.router`"},
    {"respond", "`text`, written by `ai.respond`"},
    {"response", "of `tool.http_request`: `status`, `body`, `headers`"},
    {"trigger", "`data.<name>`, given by who started the run over the API"},
    {"steps", "`<node>.<member>`: what a node before this one gave"},
    {"run", "`id`"},
    {"workflow", "`id`, `name`, `version`"},
    {"workspace", "`timeZone`"},
    {"now", "this moment, ISO 8601"},
};
bool is_known_root(std::string_view path);

struct Filled {
  std::string text{};
  // Each once, in order: the path at which nothing is, or the expression whose value cannot be read so.
  std::vector<std::string> unknown{};
};

// `scope` holds the values by their paths: {"contact": {"name": …, "fields": {…}}, …} (scope.h). At most kFilledBytes.
Filled fill(std::string_view text, const Json& scope);

struct FilledValue {
  Json value{};
  std::vector<std::string> unknown{};
};

// The same of JSON: every text within is filled; one that is a single expression and nothing else becomes the value
// itself, of whatever type, null where it is unknown. What nests deeper than kFilledDepth is null. Keys stay.
FilledValue fill_value(const Json& json, const Json& scope);

// The value of one expression, with or without braces: what a condition compares.
FilledValue value_of(std::string_view expression, const Json& scope);

// What keeps a text from being published, in words: unknown roots, unknown filters, wrong arguments, what is too long.
std::vector<std::string> expression_faults(std::string_view text);

// The paths of the expressions in the text, as written.
std::vector<std::string> variables_in(std::string_view text);

}  // namespace waypost::workflow
