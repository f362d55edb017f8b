// trigger.new_contact: the first message that somebody writes. No configuration; one output.

#include "workflow/config_schema.h"
#include "workflow/node_family.h"
#include "workflow/trigger_plan.h"

namespace waypost::workflow {
namespace {

Json schema() { return schema_of::config({}); }
std::vector<FieldError> faults(const Json&) { return {}; }

}  // namespace

const NodeFamily& new_contact_trigger() {
  static constexpr NodeFamily kFamily{.type = "trigger.new_contact",
                                      .label = "New contact",
                                      .says = "Starts with the first message of a customer.",
                                      .kind = NodeKind::Trigger,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan_of_trigger};
  return kFamily;
}

}  // namespace waypost::workflow
