#include "workflow/expression.h"

#include "base/text.h"
#include "tests/fuzz/broken.h"
#include "tests/fuzz/targets.h"
#include "workflow/variables.h"

namespace waypost::fuzz {
namespace {

using namespace workflow;

// The input is a value, too: what a customer wrote, and what somebody's server answered.
Json scope_with(const std::string& text) {
  const auto answered = parse_json(text);
  return {{"contact",
           {{"name", "Ana"},
            {"language", nullptr},
            {"tags", {"vip", "new"}},
            {"fields", {{"price", "12.50"}, {"age", 41}, {"day", "2026-12-01"}, {"address", {{"zip", "4000"}}}}}}},
          {"message", {{"text", text}}},
          {"response", {{"body", answered ? *answered : Json()}}},
          {"workspace", {{"timeZone", "Europe/Berlin"}}},
          {"now", "2026-07-01T22:30:15.250Z"}};
}

void check_filled(const std::string& text, const Json& scope) {
  const auto filled = fill(text, scope);
  must(filled.text.size() <= kFilledBytes, "a filled text is at most so long");
  must(valid_utf8(filled.text), "a filled text is UTF-8");
  must(filled.unknown.size() <= kNamedUnknown, "a few unknown are named");
  must(fill(text, scope).text == filled.text, "filling gives the same again");
  must(text.contains("{{") || filled.text == first_bytes(text, kFilledBytes), "a text without expressions stays");
}

void check_json(const Json& json, const Json& scope) {
  const auto filled = fill_value(json, scope);
  must(bytes_of(filled.value, kFilledJsonBytes + dump(json).size() * 2, kFilledDepth).has_value(),
       "filled JSON has bounds");
  must(valid_utf8(filled.value.dump()), "all within is UTF-8");  // this dump throws when it is not
  must(fill_value(json, scope).value == filled.value, "filling gives the same again");
}

void check_places(const std::string& text) {
  std::size_t last = 0;
  bool is_faulty = false;
  while (const auto place = next_placeholder(text, last)) {
    must(place->begin >= last && place->end > place->begin && place->end <= text.size(),
         "expressions follow each other");
    must(place->expression.path.size() <= kPathBytes || !place->fault.empty(), "a path is at most so long");
    is_faulty |= !place->fault.empty();
    last = place->end;
  }
  must(!is_faulty || !expression_faults(text).empty(), "nothing faulty is published");
}

void check_filters(const std::string& text, const Json& scope) {
  must(fill("{{message.text}}", scope).text == first_bytes(text, kFilledBytes), "what is filled in is not read again");
  const auto json = fill_value("{{message.text | json}}", scope);
  const auto again = parse_json(json.value.is_string() ? json.value.get<std::string>() : "");
  must(!json.unknown.empty() || (again && *again == text), "JSON of a text is read as the text");
  must(count_characters(fill("{{message.text | truncate:5}}", scope).text) <= 5, "nothing is longer than it may be");
  for (const char* source : {"message.text", "response.body", "response.body.0"}) {
    for (const auto& filter : all_filters())
      check_filled("{{" + std::string(source) + " | " + std::string(filter.example.call) + "}}", scope);
    const auto number = fill_value("{{" + std::string(source) + " | number:2}}", scope).value;
    must(number.is_null() || number.is_number(), "a number is one or nothing");
  }
}

}  // namespace

void expression(std::string_view input) {
  const auto text = storable_text(input);
  const auto scope = scope_with(text);
  check_filled(text, scope);
  check_filled("{{" + text + "}}", scope);
  check_filled("{{contact.fields.price | " + text + "}}", scope);
  check_json({{"whole", text}, {"list", {text, "{{" + text + "}}"}}, {"alone", "{{response.body}}"}}, scope);
  if (const auto json = parse_json(text)) check_json(*json, scope);
  check_places(text);
  check_filters(text, scope);
}

}  // namespace waypost::fuzz
