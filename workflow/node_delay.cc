#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json schema() { return Json::object(); }
std::vector<FieldError> faults(const Json&) { return {}; }
Plan plan(const Visit&) { return {.handle = std::string(kOut)}; }

}  // namespace

const NodeFamily& delay_node() {
  static constexpr NodeFamily kFamily{.type = "logic.delay",
                                      .label = "Delay",
                                      .says = "Goes on after a time, or at a time of day.",
                                      .kind = NodeKind::Logic,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
