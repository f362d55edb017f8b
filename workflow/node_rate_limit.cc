#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json schema() { return Json::object(); }
std::vector<FieldError> faults(const Json&) { return {}; }
Plan plan(const Visit&) { return {.handle = std::string(kOut)}; }

}  // namespace

const NodeFamily& rate_limit_node() {
  static constexpr NodeFamily kFamily{.type = "logic.rate_limit",
                                      .label = "Rate limit",
                                      .says = "Lets only so many through in a time.",
                                      .kind = NodeKind::Logic,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
