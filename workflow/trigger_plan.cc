#include "workflow/trigger_plan.h"

#include "workflow/variables.h"

namespace waypost::workflow {

Plan plan_of_trigger(const Visit& visit) {
  Plan plan{.handle = std::string(kOut)};
  for (const auto* root : {"message", "timestamp"}) {
    if (const Json* value = look_up(visit.scope, root)) plan.input[root] = *value;
  }
  return plan;
}

}  // namespace waypost::workflow
