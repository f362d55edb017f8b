#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json schema() { return Json::object(); }
std::vector<FieldError> faults(const Json&) { return {}; }
Plan plan(const Visit&) { return {.handle = std::string(kOut)}; }

}  // namespace

const NodeFamily& send_interactive_node() {
  static constexpr NodeFamily kFamily{.type = "wa.send_interactive",
                                      .label = "Send buttons or a list",
                                      .says = "Asks the customer to choose, and waits for the choice.",
                                      .kind = NodeKind::Message,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
