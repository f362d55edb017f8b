#include "workflow/filters.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/folding.h"
#include "base/text.h"
#include "workflow/date_text.h"
#include "workflow/decimal.h"
#include "workflow/values.h"

namespace waypost::workflow {
namespace {

constexpr std::string_view kEllipsis = "…";

Value text_value(std::string_view text, bool is_unknown) {
  return {.json = std::string(first_bytes(text, kFilledBytes)), .is_unknown = is_unknown};
}

Value unreadable() { return {.is_unknown = true}; }

// Filters of texts leave nothing as it is, and cannot read an object.
template <class Change>
Value changed_text(Value value, const Change& change) {
  if (value.json.is_null()) return value;
  if (value.json.is_object()) return unreadable();
  return text_value(change(value.text()), value.is_unknown);
}

bool is_whole_number(const Json& json, std::int64_t least, std::int64_t most) {
  return json.is_number_integer() && json.get<std::int64_t>() >= least && json.get<std::int64_t>() <= most;
}

std::string_view text_at(const Arguments& arguments, std::size_t place, std::string_view otherwise) {
  return place < arguments.size() ? std::string_view(arguments[place].get_ref<const std::string&>()) : otherwise;
}

bool takes_none(const Arguments& arguments) { return arguments.empty(); }

bool takes_default(const Arguments& arguments) { return arguments.size() == 1; }

Value apply_default(Value value, const Given& given) {
  if (!value.is_unknown && !is_nothing(value.json)) return value;
  return {.json = given.arguments.front()};
}

Value apply_upper(Value value, const Given&) { return changed_text(std::move(value), in_capitals); }
Value apply_lower(Value value, const Given&) { return changed_text(std::move(value), in_small_letters); }

Value apply_trim(Value value, const Given&) {
  return changed_text(std::move(value), [](std::string_view text) { return std::string(trimmed(text)); });
}

bool takes_truncate(const Arguments& arguments) {
  return arguments.size() == 1 && is_whole_number(arguments[0], 1, kFilledBytes);
}

std::string truncated(std::string text, std::size_t characters) {
  if (first_characters(text, characters).size() == text.size()) return text;
  return std::string(first_characters(text, characters - 1)).append(kEllipsis);
}

Value apply_truncate(Value value, const Given& given) {
  const auto characters = given.arguments[0].get<std::size_t>();
  return changed_text(std::move(value), [=](std::string text) { return truncated(std::move(text), characters); });
}

bool takes_date(const Arguments& arguments) {
  if (arguments.size() > 2 || !std::ranges::all_of(arguments, &Json::is_string)) return false;
  return is_date_format(text_at(arguments, 0, kDateFormat)) && is_time_zone(text_at(arguments, 1, "UTC"));
}

Value apply_date(Value value, const Given& given) {
  if (is_nothing(value.json)) return {.is_unknown = value.is_unknown};
  const auto local = read_date(value.json, text_at(given.arguments, 1, given.zone));
  if (!local) return unreadable();
  return text_value(date_text(*local, text_at(given.arguments, 0, kDateFormat)), value.is_unknown);
}

bool takes_number(const Arguments& arguments) {
  if (arguments.empty()) return true;
  return arguments.size() <= 3 && is_whole_number(arguments[0], 0, kDecimalPlaces) &&
         std::all_of(arguments.begin() + 1, arguments.end(), [](const Json& mark) { return mark.is_string(); });
}

std::optional<Json> number_in(const Json& json) {
  if (json.is_number()) return plain_number(json);
  return json.is_string() ? read_decimal(json.get_ref<const std::string&>()) : std::nullopt;
}

Value apply_number(Value value, const Given& given) {
  if (is_nothing(value.json)) return {.is_unknown = value.is_unknown};
  auto number = number_in(value.json);
  if (!number) return unreadable();
  if (given.arguments.empty()) return {.json = std::move(*number), .is_unknown = value.is_unknown};
  const auto decimal = rounded(*number, given.arguments[0].get<int>());
  if (!decimal) return {.json = std::move(*number), .is_unknown = value.is_unknown};
  const Marks marks{.point = text_at(given.arguments, 1, "."), .thousands = text_at(given.arguments, 2, "")};
  return {.json = read_decimal(*decimal).value_or(std::move(*number)),
          .shown = with_marks(*decimal, marks),
          .is_unknown = value.is_unknown};
}

// JSON cannot be cut.
Value apply_json(Value value, const Given&) {
  auto json = dump(value.json);
  if (json.size() > kFilledBytes) return unreadable();
  return {.json = std::move(json), .is_unknown = value.is_unknown};
}

constexpr std::array<Filter, 8> kFilters{{
    {.name = "default",
     .says = "What to take when there is nothing: an unknown variable, null, an empty text or list. The variable does "
             "not count as unknown then.",
     .arguments = "a text or a number",
     .example = {"null", R"(default:"there")"},
     .takes = takes_default,
     .apply = apply_default},
    {.name = "upper",
     .says = "In capital letters.",
     .arguments = "nothing",
     .example = {R"("Ana Luísa")", "upper"},
     .takes = takes_none,
     .apply = apply_upper},
    {.name = "lower",
     .says = "In small letters.",
     .arguments = "nothing",
     .example = {R"("Ana LUÍSA")", "lower"},
     .takes = takes_none,
     .apply = apply_lower},
    {.name = "trim",
     .says = "Without space around it.",
     .arguments = "nothing",
     .example = {R"("  Ana ")", "trim"},
     .takes = takes_none,
     .apply = apply_trim},
    {.name = "truncate",
     .says = "The first characters; where some are left out, the last one is an ellipsis.",
     .arguments = "how many characters, 1 to 65536",
     .example = {R"("Your order has left")", "truncate:11"},
     .takes = takes_truncate,
     .apply = apply_truncate},
    {.name = "date",
     .says = "A date, by the clocks of the workspace's time zone. What is no date is empty and counts as unknown.",
     .arguments = R"(nothing, or a format such as "DD.MM.YYYY HH:mm", and then perhaps a time zone such as )"
                  R"("Europe/Berlin")",
     .example = {R"("2026-12-01T09:05:00Z")", R"(date:"DD.MM.YYYY HH:mm")"},
     .takes = takes_date,
     .apply = apply_date},
    {.name = "number",
     .says = "A number, also of a text that is one; halves are rounded away from zero. What is none is empty and "
             "counts as unknown.",
     .arguments = "nothing, or how many decimal places (0 to 9), and then perhaps the texts to write for the point and "
                  "between thousands",
     .example = {R"("1234.5")", R"(number:2:",":".")"},
     .takes = takes_number,
     .apply = apply_number},
    {.name = "json",
     .says = "Its JSON: of a text with quotes, of nothing null. More than 64 KiB are unknown.",
     .arguments = "nothing",
     .example = {R"({"city": "Porto", "stars": [4, 5]})", "json"},
     .takes = takes_none,
     .apply = apply_json},
}};

}  // namespace

std::string Value::text() const { return shown ? *shown : text_of(json); }

std::span<const Filter> all_filters() { return kFilters; }

const Filter* find_filter(std::string_view name) {
  const auto found = std::ranges::find(kFilters, name, &Filter::name);
  return found == kFilters.end() ? nullptr : &*found;
}

}  // namespace waypost::workflow
