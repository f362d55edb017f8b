#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json schema() { return Json::object(); }
std::vector<FieldError> faults(const Json&) { return {}; }
Plan plan(const Visit&) { return {.handle = std::string(kOut)}; }

}  // namespace

const NodeFamily& wait_for_reply_node() {
  static constexpr NodeFamily kFamily{.type = "wa.wait_for_reply",
                                      .label = "Wait for a reply",
                                      .says = "Waits until the customer writes, or a time is over.",
                                      .kind = NodeKind::Message,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
