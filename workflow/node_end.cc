// logic.end: ends the path, said aloud. No configuration, no output.

#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

std::vector<FieldError> faults(const Json&) { return {}; }
Plan plan(const Json&, const Json&) { return {}; }

}  // namespace

const NodeFamily& end_node() {
  static constexpr NodeFamily kFamily{
      .type = "logic.end", .is_trigger = false, .faults = faults, .handles = no_output, .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
