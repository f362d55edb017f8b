// trigger.inbound_message: every message of a customer. {"types"?: only messages of these kinds}; one output.

#include "workflow/config_checks.h"
#include "workflow/config_schema.h"
#include "workflow/node_family.h"
#include "workflow/reply.h"
#include "workflow/trigger_plan.h"

namespace waypost::workflow {
namespace {

Json schema() {
  return schema_of::config(
      {{"types", schema_of::list("Message types", "Only messages of these types start it; all, when none is named.",
                                 schema_of::choice("Type", "A kind of message.", reply_kinds()), {.least = 1})}});
}

std::vector<FieldError> faults(const Json& config) {
  std::vector<FieldError> faults;
  check_words(faults, config, "types", reply_kinds());
  return faults;
}

}  // namespace

const NodeFamily& inbound_message_trigger() {
  static constexpr NodeFamily kFamily{.type = "trigger.inbound_message",
                                      .label = "Inbound message",
                                      .says = "Starts with every message of a customer.",
                                      .kind = NodeKind::Trigger,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan_of_trigger};
  return kFamily;
}

}  // namespace waypost::workflow
