#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json schema() { return Json::object(); }
std::vector<FieldError> faults(const Json&) { return {}; }
Plan plan(const Visit&) { return {.handle = std::string(kOut)}; }

}  // namespace

const NodeFamily& ai_router_node() {
  static constexpr NodeFamily kFamily{.type = "ai.router",
                                      .label = "AI router",
                                      .says = "Lets a language model choose one of some categories.",
                                      .kind = NodeKind::Ai,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
