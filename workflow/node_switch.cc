// logic.switch: {"conditions": [{"field": path or expression, "operator", "value": text with variables, "label"}]}; the
// first that holds decides. One output a label, and "default".

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "base/text.h"
#include "workflow/condition.h"
#include "workflow/config_schema.h"
#include "workflow/node_family.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

constexpr std::string_view kDefault = "default";
constexpr std::size_t kConditions = 100;
constexpr std::array<std::string_view, 8> kOperators{"equals",    "not_equals", "contains", "starts_with",
                                                     "ends_with", "gt",         "lt",       "in"};

// A number may be written as one; a list of texts is what `in` takes with commas.
std::optional<std::string> value_in(const Json& condition) {
  const Json* value = find(condition, "value");
  if (value == nullptr || value->is_null() || value->is_object()) return std::nullopt;
  return text_of(*value);
}

void check_condition(std::vector<FieldError>& faults, const Json& condition, const std::string& path) {
  const auto field = text_or_empty(condition, "field");
  if (field.empty()) {
    faults.push_back({path + ".field", "is required"});
  } else if (field.contains('|')) {
    for (auto& fault : expression_faults("{{" + std::string(bare_path(field)) + "}}"))
      faults.push_back({path + ".field", std::move(fault)});
  } else if (!is_known_root(field)) {
    faults.push_back({path + ".field", "unknown variable " + field});
  }
  if (!operator_named(text_or_empty(condition, "operator"))) {
    faults.push_back(
        {path + ".operator", "must be equals, not_equals, contains, starts_with, ends_with, gt, lt or in"});
  }
  if (!value_in(condition)) faults.push_back({path + ".value", "is required"});
}

void check_label(std::vector<FieldError>& faults, std::set<std::string>& labels, const std::string& label,
                 const std::string& path) {
  if (trimmed(label).empty()) {
    faults.push_back({path, "is required"});
  } else if (label == kDefault) {
    faults.push_back({path, "\"default\" is the output taken when no condition holds"});
  } else if (!labels.insert(label).second) {
    faults.push_back({path, "another condition has the label " + label});
  }
}

Json schema() {
  const auto condition = schema_of::object(
      "Condition", "A comparison; the first that holds decides.",
      {{"field", schema_of::text("Variable", "What is compared: contact.fields.city.")},
       {"operator", schema_of::choice("Operator", "How; upper and lower case are no difference.", kOperators)},
       {"value",
        schema_of::anything("Value", "What it is compared with; may hold {{variables}}. For in, a list by commas.")},
       {"label", schema_of::text("Label", "Names the output.")}},
      {"field", "operator", "value", "label"});
  return schema_of::config({{"conditions", schema_of::list("Conditions", "In the order in which they are tried.",
                                                           condition, {.least = 1, .most = kConditions})}},
                           {"conditions"});
}

std::vector<FieldError> faults(const Json& config) {
  const Json* conditions = find_array(config, "conditions");
  if (conditions == nullptr || conditions->empty()) return {{"conditions", "at least one is required"}};
  if (conditions->size() > kConditions) return {{"conditions", "are more than 100"}};
  std::vector<FieldError> faults;
  std::set<std::string> labels;
  std::size_t place = 0;
  for (const auto& condition : *conditions) {
    const auto path = "conditions." + std::to_string(place++);
    check_condition(faults, condition, path);
    check_label(faults, labels, text_or_empty(condition, "label"), path + ".label");
  }
  return faults;
}

std::vector<std::string> handles(const Json& config) {
  std::vector<std::string> handles;
  if (const Json* conditions = find_array(config, "conditions")) {
    for (const auto& condition : *conditions) handles.push_back(text_or_empty(condition, "label"));
  }
  handles.emplace_back(kDefault);
  return handles;
}

// Records what was compared; an unknown field is empty text, as in a body.
bool condition_holds(Plan& plan, const Json& condition, const Json& scope) {
  const auto field = text_or_empty(condition, "field");
  auto found = value_of(field, scope);
  const Json left = found.unknown.empty() ? std::move(found.value) : Json("");
  std::ranges::move(found.unknown, std::back_inserter(plan.unknown_variables));
  plan.input["fields"][field] = left;
  const auto op = operator_named(text_or_empty(condition, "operator"));
  const auto right = plan.filled(value_in(condition).value_or(""), scope);
  return op && holds(left, *op, right);
}

Plan plan(const Visit& visit) {
  const Json& config = visit.config;
  const Json& scope = visit.scope;
  Plan plan{.handle = std::string(kDefault)};
  const Json* conditions = find_array(config, "conditions");
  if (conditions == nullptr) return plan;
  for (const auto& condition : *conditions) {
    if (!condition_holds(plan, condition, scope)) continue;
    plan.handle = text_or_empty(condition, "label");
    break;
  }
  plan.output = {{"label", *plan.handle}};
  return plan;
}

}  // namespace

const NodeFamily& switch_node() {
  static constexpr NodeFamily kFamily{.type = "logic.switch",
                                      .label = "Switch",
                                      .says = "Takes the output of the first condition that holds.",
                                      .kind = NodeKind::Logic,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = handles,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
