#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json schema() { return Json::object(); }
std::vector<FieldError> faults(const Json&) { return {}; }
Plan plan(const Visit&) { return {.handle = std::string(kOut)}; }

}  // namespace

const NodeFamily& keyword_trigger() {
  static constexpr NodeFamily kFamily{.type = "trigger.keyword",
                                      .label = "Keyword",
                                      .says = "Starts with a message that holds one of some words.",
                                      .kind = NodeKind::Trigger,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
