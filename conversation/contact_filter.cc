#include "conversation/contact_filter.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

#include "base/text.h"

namespace waypost {
namespace {

constexpr std::size_t kMostValueCharacters = 1'024;

constexpr std::array<std::pair<std::string_view, FilterField>, 7> kFields{
    {{"tags", FilterField::Tags},
     {"name", FilterField::Name},
     {"phone", FilterField::Phone},
     {"language", FilterField::Language},
     {"optedOut", FilterField::OptedOut},
     {"createdAt", FilterField::CreatedAt},
     {"lastInboundAt", FilterField::LastInboundAt}}};

using enum FilterOperator;
constexpr std::array<std::pair<std::string_view, FilterOperator>, 13> kOperators{{{"equals", Equals},
                                                                                  {"not_equals", NotEquals},
                                                                                  {"contains", Contains},
                                                                                  {"not_contains", NotContains},
                                                                                  {"starts_with", StartsWith},
                                                                                  {"ends_with", EndsWith},
                                                                                  {"in", In},
                                                                                  {"exists", Exists},
                                                                                  {"not_exists", NotExists},
                                                                                  {"after", After},
                                                                                  {"gt", After},
                                                                                  {"before", Before},
                                                                                  {"lt", Before}}};

bool is_one_of(FilterOperator op, std::initializer_list<FilterOperator> some) {
  return std::ranges::find(some, op) != some.end();
}

bool may_have(FilterField field, FilterOperator op) {
  switch (field) {
    case FilterField::Tags:
      return is_one_of(op, {Contains, NotContains, In, Exists, NotExists});
    case FilterField::Name:
    case FilterField::Phone:
    case FilterField::Language:
    case FilterField::Custom:
      return is_one_of(op, {Equals, NotEquals, Contains, StartsWith, EndsWith, In, Exists, NotExists});
    case FilterField::OptedOut:
      return op == Equals;
    case FilterField::CreatedAt:
      return is_one_of(op, {After, Before});
    case FilterField::LastInboundAt:
      return is_one_of(op, {After, Before, Exists, NotExists});
  }
  std::unreachable();
}

bool is_value_text(const Json& json) {
  return json.is_string() && !json.get_ref<const std::string&>().empty() &&
         count_characters(json.get_ref<const std::string&>()) <= kMostValueCharacters;
}

// Reads one condition, and collects what is wrong with it.
class Reader {
 public:
  Reader(const Json& json, std::string path, std::vector<FieldError>& faults)
      : json_(json), path_(std::move(path)), faults_(faults) {}

  FilterCondition read() {
    FilterCondition condition;
    const bool has_field = read_field(condition);
    const bool has_operator = read_operator(condition);
    if (!has_field || !has_operator) return condition;
    if (!may_have(condition.field, condition.op)) {
      complain("operator", "This field has no such operator");
    } else {
      read_value(condition);
    }
    return condition;
  }

 private:
  void complain(std::string_view member, std::string words) {
    faults_.push_back({path_ + "." + std::string(member), std::move(words)});
  }

  bool read_field(FilterCondition& condition) {
    const auto name = text_or_empty(json_, "field");
    constexpr std::string_view kCustom = "fields.";
    if (name.starts_with(kCustom) && name.size() > kCustom.size()) {
      condition.field = FilterField::Custom;
      condition.key = name.substr(kCustom.size());
      return true;
    }
    const auto* known = std::ranges::find(kFields, name, &decltype(kFields)::value_type::first);
    if (known == kFields.end()) {
      complain("field", "Expected tags, name, phone, language, optedOut, createdAt, lastInboundAt or fields.<key>");
      return false;
    }
    condition.field = known->second;
    return true;
  }

  bool read_operator(FilterCondition& condition) {
    const auto name = text_or_empty(json_, "operator");
    const auto* known = std::ranges::find(kOperators, name, &decltype(kOperators)::value_type::first);
    if (known == kOperators.end()) {
      complain("operator", "Unknown operator");
      return false;
    }
    condition.op = known->second;
    return true;
  }

  void read_value(FilterCondition& condition) {
    if (condition.op == Exists || condition.op == NotExists) return;
    const Json* value = find(json_, "value");
    if (value == nullptr || value->is_null()) return complain("value", "Required");
    if (condition.field == FilterField::OptedOut) return read_truth(*value, condition);
    if (condition.op == After || condition.op == Before) return read_time(*value, condition);
    if (condition.op == In) return read_list(*value, condition);
    if (!is_value_text(*value)) return complain("value", "Expected a text of 1 to 1024 characters");
    condition.texts.push_back(text_in(*value, condition));
  }

  // A contact's phone is kept as digits.
  static std::string text_in(const Json& value, const FilterCondition& condition) {
    auto text = value.get<std::string>();
    if (condition.field == FilterField::Phone && text.starts_with('+')) text.erase(0, 1);
    return text;
  }

  void read_truth(const Json& value, FilterCondition& condition) {
    const bool is_word = value == "true" || value == "false";
    if (!value.is_boolean() && !is_word) return complain("value", "Expected boolean");
    condition.truth = value.is_boolean() ? value.get<bool>() : value == "true";
  }

  void read_time(const Json& value, FilterCondition& condition) {
    const auto at = value.is_string() ? parse_iso8601(value.get<std::string>()) : std::nullopt;
    if (!at) return complain("value", "Expected a time like 2026-12-01T09:00:00Z");
    condition.at = *at;
  }

  void read_list(const Json& value, FilterCondition& condition) {
    if (!value.is_array() || value.empty() || value.size() > kMostValues)
      return complain("value", "Expected an array of 1 to " + std::to_string(kMostValues) + " texts");
    for (const auto& one : value) {
      if (!is_value_text(one)) return complain("value", "Expected texts of 1 to 1024 characters");
      condition.texts.push_back(text_in(one, condition));
    }
  }

  const Json& json_;
  const std::string path_;
  std::vector<FieldError>& faults_;
};

void read_frame(const Json& json, const std::string& path, ContactFilter& filter, std::vector<FieldError>& faults) {
  const Json* version = find(json, "version");
  if (version != nullptr && *version != 1) faults.push_back({path + ".version", "Expected 1"});
  const auto logic = find_text(json, "logic").value_or("AND");
  if (logic != "AND" && logic != "OR") faults.push_back({path + ".logic", "Expected 'AND' | 'OR'"});
  filter.logic = logic == "OR" ? FilterLogic::Any : FilterLogic::All;
}

void read_conditions(const Json& list, const std::string& path, ContactFilter& filter,
                     std::vector<FieldError>& faults) {
  for (std::size_t at = 0; at < list.size(); ++at)
    filter.conditions.push_back(Reader(list[at], path + std::to_string(at), faults).read());
}

}  // namespace

Result<ContactFilter> read_contact_filter(const Json& json, std::string_view path) {
  const std::string root(path);
  ContactFilter filter;
  std::vector<FieldError> faults;
  if (!json.is_object()) faults.push_back({root, "Expected object"});
  read_frame(json, root, filter, faults);
  const Json* conditions = find_array(json, "conditions");
  if (conditions == nullptr || conditions->size() > kMostConditions)
    faults.push_back({root + ".conditions", "Expected an array of at most " + std::to_string(kMostConditions)});
  else
    read_conditions(*conditions, root + ".conditions.", filter, faults);
  if (faults.empty()) return filter;
  return fail(Error(ErrorKind::InvalidInput, "Validation failed").with_fields(std::move(faults)));
}

}  // namespace waypost
