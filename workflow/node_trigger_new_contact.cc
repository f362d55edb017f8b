#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json schema() { return Json::object(); }
std::vector<FieldError> faults(const Json&) { return {}; }
Plan plan(const Visit&) { return {.handle = std::string(kOut)}; }

}  // namespace

const NodeFamily& new_contact_trigger() {
  static constexpr NodeFamily kFamily{.type = "trigger.new_contact",
                                      .label = "New contact",
                                      .says = "Starts with the first message of a customer.",
                                      .kind = NodeKind::Trigger,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
