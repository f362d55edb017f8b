// logic.end: ends the path, said aloud. No configuration, no output.

#include "workflow/config_schema.h"
#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json schema() { return schema_of::config({}); }
std::vector<FieldError> faults(const Json&) { return {}; }
Plan plan(const Visit&) { return {}; }

}  // namespace

const NodeFamily& end_node() {
  static constexpr NodeFamily kFamily{.type = "logic.end",
                                      .label = "End",
                                      .says = "Ends the path here.",
                                      .kind = NodeKind::Logic,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = no_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
