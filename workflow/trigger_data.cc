#include "workflow/trigger_data.h"

namespace waypost::workflow {
namespace {

bool is_missing(const Json& data, const std::string& name) {
  const Json* value = find(data, name);
  return value == nullptr || value->is_null();
}

}  // namespace

std::vector<FieldError> data_faults(const Json& config, const Json& data) {
  if (!data.is_null() && !data.is_object()) return {{"data", "must be an object"}};
  std::vector<FieldError> faults;
  const Json* variables = find_array(config, "variables");
  for (const auto& variable : variables ? *variables : Json::array()) {
    const auto name = text_or_empty(variable, "name");
    if (find_bool(variable, "required").value_or(false) && is_missing(data, name)) {
      faults.push_back({"data." + name, "is required"});
    }
  }
  return faults;
}

}  // namespace waypost::workflow
