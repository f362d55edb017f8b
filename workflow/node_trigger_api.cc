#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json schema() { return Json::object(); }
std::vector<FieldError> faults(const Json&) { return {}; }
Plan plan(const Visit&) { return {.handle = std::string(kOut)}; }

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
