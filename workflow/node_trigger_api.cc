// trigger.api: another system's call, POST /api/workflows/{id}/trigger. {"variables"?: [{"name", "required"?}] of the
// call's data}; one output.

#include <set>

#include "workflow/config_checks.h"
#include "workflow/config_schema.h"
#include "workflow/node_family.h"
#include "workflow/trigger_data.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

constexpr std::size_t kVariables = 50;
constexpr std::size_t kNameBytes = 64;

Json schema() {
  const auto variable = schema_of::object(
      "Variable", "One member of the call's data.",
      {{"name", schema_of::text("Name", "Read as {{trigger.data.<name>}}.")},
       {"required", schema_of::with_default(schema_of::flag("Required", "A call without it is refused."), false)}},
      {"name"});
  return schema_of::config({{"variables", schema_of::list("Variables", "What a call brings along in its data.",
                                                          variable, {.most = kVariables})}});
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytes && name.find_first_of(".{}| \n\r\t") == std::string_view::npos;
}

void check_variable(std::vector<FieldError>& faults, std::set<std::string>& names, const Json& variable,
                    const std::string& path) {
  const auto name = text_or_empty(variable, "name");
  if (!is_name(name)) {
    faults.push_back({path + ".name", "must be a name of 1 to 64 bytes without spaces, dots and braces"});
  } else if (!names.insert(name).second) {
    faults.push_back({path + ".name", "another variable has the name " + name});
  }
  const Json* required = given(variable, "required");
  if (required != nullptr && !required->is_boolean()) faults.push_back({path + ".required", "must be true or false"});
}

std::vector<FieldError> faults(const Json& config) {
  const Json* variables = given(config, "variables");
  if (variables == nullptr) return {};
  if (!variables->is_array() || variables->size() > kVariables) return {{"variables", "must be a list of at most 50"}};
  std::vector<FieldError> faults;
  std::set<std::string> names;
  std::size_t place = 0;
  for (const auto& variable : *variables) {
    check_variable(faults, names, variable, "variables." + std::to_string(place++));
  }
  return faults;
}

// The API refuses such a call before there is a run; a replay with the latest version may ask for more than was given.
Plan plan(const Visit& visit) {
  Plan plan{.handle = std::string(kOut)};
  const Json* found = look_up(visit.scope, "trigger.data");
  const Json data = found ? *found : Json::object();
  plan.input = {{"data", data}};
  const auto missing = data_faults(visit.config, data);
  if (missing.empty()) return plan;
  plan.failure =
      store::Complaint{.code = "missing_data", .words = missing.front().path + " " + missing.front().message};
  return plan;
}

}  // namespace

const NodeFamily& api_trigger() {
  static constexpr NodeFamily kFamily{.type = "trigger.api",
                                      .label = "API call",
                                      .says = "Starts when another system asks for it.",
                                      .kind = NodeKind::Trigger,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
