// trigger.manual_test: a test of the draft, with a message made up for it. {"testMessage": text}; one output. It is
// never published (graph_faults.cc): no message of a customer would start it.

#include "base/text.h"
#include "workflow/config_schema.h"
#include "workflow/node_family.h"
#include "workflow/trigger_plan.h"

namespace waypost::workflow {
namespace {

Json schema() {
  return schema_of::config({{"testMessage", schema_of::text("Test message", "What the customer is taken to write.")}},
                           {"testMessage"});
}

std::vector<FieldError> faults(const Json& config) {
  if (!trimmed(text_or_empty(config, "testMessage")).empty()) return {};
  return {{"testMessage", "is required"}};
}

}  // namespace

const NodeFamily& manual_test_trigger() {
  static constexpr NodeFamily kFamily{.type = "trigger.manual_test",
                                      .label = "Manual test",
                                      .says = "Starts a test of the draft.",
                                      .kind = NodeKind::Trigger,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan_of_trigger};
  return kFamily;
}

}  // namespace waypost::workflow
