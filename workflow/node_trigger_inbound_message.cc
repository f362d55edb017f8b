// trigger.inbound_message: every message of a customer. No configuration; one output.

#include "workflow/node_family.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

Json schema() { return Json::object(); }

std::vector<FieldError> faults(const Json&) { return {}; }

Plan plan(const Visit& visit) {
  const auto& scope = visit.scope;
  Plan plan{.handle = std::string(kOut)};
  if (const Json* message = look_up(scope, "message")) plan.input["message"] = *message;
  if (const Json* timestamp = look_up(scope, "timestamp")) plan.input["timestamp"] = *timestamp;
  return plan;
}

}  // namespace

const NodeFamily& inbound_message_trigger() {
  static constexpr NodeFamily kFamily{
      .type = "trigger.inbound_message", .label = "Inbound message", .says = "Starts with every message of a customer.", .kind = NodeKind::Trigger, .schema = schema, .faults = faults, .handles = one_output, .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
