// docs/expressions.md is made from the code's own tables: filters, roots, date letters, limits. To write it anew after
// a change of one:
//   WAYPOST_WRITE_DOCS=1 build/sanitize/tests/test_workflow --gtest_filter='ExpressionPage.*'

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "workflow/date_text.h"
#include "workflow/decimal.h"
#include "workflow/expression.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

constexpr const char* kPage = WAYPOST_TEST_DATA "/../../docs/expressions.md";

constexpr std::string_view kBeginning = R"(# Expressions

<!-- Made by tests/workflow/expression_page_test.cc from the tables in workflow/: do not edit by hand. -->

An expression takes a value of the run into a text of a node's configuration: `{{path}}` or
`{{path | filter | filter:argument:argument}}`. It is never code: there is nothing to call but the filters below, every one
gives something for every value, and what is filled in is not read again for expressions.

```
Hi {{contact.name | default:"there"}}, your order of {{response.body.paidAt | date:"DD.MM.YYYY"}} is on its way.
```

- **Path**: names with dots between, beginning with a root. Upper and lower case count; names may hold spaces and, if no
  shorter one is found, dots. A member of a list goes by its place: `response.body.items.0.name` is the first one's name,
  `response.body.items.-1.name` the last one's.
- **Filters** go from left to right, each behind a `|`.
- **Arguments** stand behind a `:`, each. They are numbers, or texts in `"` or `'`, which may hold anything; in them `\n`
  is a new line, and `\` takes any other character as it is: `"say \"hi\""`.
- Space around paths, filters and arguments does not matter; line breaks may stand behind the first `|` only.
)";

std::string row(std::initializer_list<std::string_view> cells) {
  std::string row = "|";
  for (const auto cell : cells) row.append(" ").append(cell).append(" |");
  return row + "\n";
}

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string roots() {
  std::string page = "\n## What a path begins with\n\n| root | what it holds |\n|---|---|\n";
  for (const auto& root : kRoots) page += row({code(root.name), root.says});
  return page + "\nA root is there once a node has given it: before that its paths are unknown.\n";
}

Json example_scope(std::string_view value) {
  return {{"contact", {{"fields", {{"x", Json::parse(value)}}}}}, {"workspace", {{"timeZone", "Europe/Berlin"}}}};
}

std::string example(const FilterExample& example) {
  const auto scope = example_scope(example.value);
  const std::string expression = "{{contact.fields.x | " + std::string(example.call) + "}}";
  return row({code(example.value), code(example.call), fill(expression, scope).text,
              code(dump(fill_value(expression, scope).value))});
}

std::string filters() {
  std::string page = "\n## Filters\n\n| filter | what it gives | arguments |\n|---|---|---|\n";
  for (const auto& filter : all_filters()) page += row({code(filter.name), filter.says, filter.arguments});
  page += "\nAs an example of each, with the workspace in Berlin:\n\n";
  page += "| value | filter | in a text | alone |\n|---|---|---|---|\n";
  for (const auto& filter : all_filters()) page += example(filter.example);
  return page + R"(
Filters of texts read a list as its members with commas between. They leave null as it is, and of an object, which is no
text, they give nothing; `json` takes it whole.
)";
}

std::string dates() {
  std::string page = "\n## Dates\n\n`date` writes by a format, without one by " + code(kDateFormat) + ":\n\n";
  page += "| letters | what they stand for |\n|---|---|\n";
  for (const auto& letters : date_letters()) page += row({code(letters.letters), letters.says});
  return page + R"(
Whatever is no letter stands for itself, and letters do in brackets: `"HH [Uhr]"`. Names of days and months there are none,
since they depend on the customer's language.

A date is a text by ISO 8601 or a number. With `Z` or an offset (`2026-12-01T09:00:00+01:00`) it is a moment, written
as the clocks of the time zone show it then. Without (`2026-12-01`, `2026-12-01T09:00`) it is what the clocks show already.
A number counts seconds since 1970, from 100000000000 on milliseconds; ten or thirteen digits in a text are such a number.
)";
}

std::string types() {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"41", "{{contact.fields.x}}"},
      {"41", "{{contact.fields.x}} years"},
      {R"(["vip", "new"])", "{{contact.fields.x}}"},
      {R"(["vip", "new"])", "Tags: {{contact.fields.x}}"},
      {R"({"city": "Porto"})", "{{contact.fields.x}}"},
      {R"({"city": "Porto"})", "Address: {{contact.fields.x}}"},
      {"null", "{{contact.fields.x}}"},
      {"null", "[{{contact.fields.x}}]"},
  };
  std::string page = R"(
## Types

In a message everything is text. Where a configuration takes any JSON (the value of `state.set_field`, the payload of
`event.emit`, the body of `tool.http_request`) each text within is filled, and one that is a single expression and nothing
else, not even space, becomes the value itself:

| `contact.fields.x` is | written | becomes |
|---|---|---|
)";
  for (const auto& [value, text] : table)
    page += row({code(value), code(text), code(dump(fill_value(std::string(text), example_scope(value)).value))});
  return page;
}

constexpr std::string_view kUnknown = R"(
## What is unknown

A path at which nothing is, a value that a filter cannot read (`date` of "tomorrow") and an object in a text are unknown:
nothing is filled in, null where an expression stands alone, the run goes on, and the step's output names them as
`unknownVariables`. With `default` its argument is taken instead, and nothing is unknown then. A value that is there and empty (null)
is not unknown.

What only looks like an expression (`{{ }}`, braces that do not close) stays as it is written. So does a faulty one,
but publishing refuses it, with the place and the reason: an unknown root, an unknown filter, wrong arguments, one that is
too long.
)";

std::string limits() {
  const auto number = [](std::size_t value) { return std::to_string(value); };
  std::string page = "\n## Limits\n\n| limit | |\n|---|---|\n";
  page += row({"an expression, between the braces", number(kExpressionBytes) + " bytes"});
  page += row({"its path", number(kPathBytes) + " bytes"});
  page += row({"filters in a row", number(kFiltersInARow)});
  page += row({"expressions in a text", number(kExpressionsInAText)});
  page += row({"a filled text", number(kFilledBytes >> 10) + " KiB; the rest is cut, at a character"});
  page +=
      row({"a list or an object that an expression takes",
           number(kFilledBytes >> 10) + " KiB, nested " + number(kFilledDepth) + " levels; a larger one is unknown"});
  page +=
      row({"all that is filled into one JSON", number(kFilledJsonBytes >> 10) + " KiB; what comes later is unknown"});
  page += row({"unknown variables that are named", number(kNamedUnknown) + " of a text"});
  page += row({"decimal places", number(kDecimalPlaces)});
  return page;
}

std::string page() {
  return std::string(kBeginning) + roots() + filters() + dates() + types() + std::string(kUnknown) + limits();
}

std::string content_of(const char* path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(ExpressionPage, SaysWhatTheCodeDoes) {
  if (std::getenv("WAYPOST_WRITE_DOCS") != nullptr) std::ofstream(kPage) << page();  // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(content_of(kPage), page()) << "how to write it anew is said at the top of this test's file";
}

TEST(ExpressionPage, ShowsCallsThatAreTaken) {
  for (const auto& filter : all_filters()) {
    const auto faults = expression_faults("{{now | " + std::string(filter.example.call) + "}}");
    EXPECT_TRUE(faults.empty()) << filter.name << ": " << faults.front();
    EXPECT_TRUE(filter.example.call.starts_with(filter.name));
  }
}

}  // namespace
}  // namespace waypost::workflow
