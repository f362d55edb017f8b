#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json schema() { return Json::object(); }
std::vector<FieldError> faults(const Json&) { return {}; }
Plan plan(const Visit&) { return {.handle = std::string(kOut)}; }

}  // namespace

const NodeFamily& emit_event_node() {
  static constexpr NodeFamily kFamily{.type = "event.emit",
                                      .label = "Emit event",
                                      .says = "Tells the systems that follow the events.",
                                      .kind = NodeKind::State,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
