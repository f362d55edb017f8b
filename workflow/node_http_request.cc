#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json schema() { return Json::object(); }
std::vector<FieldError> faults(const Json&) { return {}; }
Plan plan(const Visit&) { return {.handle = std::string(kOut)}; }

}  // namespace

const NodeFamily& http_request_node() {
  static constexpr NodeFamily kFamily{.type = "tool.http_request",
                                      .label = "HTTP request",
                                      .says = "Asks a server of yours.",
                                      .kind = NodeKind::Tool,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
