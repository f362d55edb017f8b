#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json schema() { return Json::object(); }
std::vector<FieldError> faults(const Json&) { return {}; }
Plan plan(const Visit&) { return {.handle = std::string(kOut)}; }

}  // namespace

const NodeFamily& handoff_node() {
  static constexpr NodeFamily kFamily{.type = "wa.handoff",
                                      .label = "Hand off",
                                      .says = "Hands the conversation to a person.",
                                      .kind = NodeKind::Message,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
