#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json schema() { return Json::object(); }
std::vector<FieldError> faults(const Json&) { return {}; }
Plan plan(const Visit&) { return {.handle = std::string(kOut)}; }

}  // namespace

const NodeFamily& send_media_node() {
  static constexpr NodeFamily kFamily{.type = "wa.send_media",
                                      .label = "Send media",
                                      .says = "Sends an image, a video, a document, audio or a sticker.",
                                      .kind = NodeKind::Message,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
