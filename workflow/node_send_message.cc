// wa.send_message: free-form text. {"body": text with variables, "outsideWindow"?: reject | hold | template |
// template_then_hold}; one output. A body over 4,096 characters becomes several messages.

#include "base/text.h"
#include "conversation/split_text.h"
#include "workflow/config_schema.h"
#include "workflow/sending.h"

namespace waypost::workflow {
namespace {

Json schema() {
  return schema_of::config({{"body", schema_of::text("Body", "What is written; may hold {{variables}}.")},
                            {"outsideWindow", policy_schema()}},
                           {"body"});
}

std::vector<FieldError> faults(const Json& config) {
  std::vector<FieldError> faults;
  if (trimmed(text_or_empty(config, "body")).empty()) faults.push_back({"body", "is required"});
  check_policy(faults, config);
  return faults;
}

Plan plan(const Visit& visit) {
  const Json& config = visit.config;
  const Json& scope = visit.scope;
  Plan plan{.handle = std::string(kOut)};
  const auto body = plan.filled(text_or_empty(config, "body"), scope);
  const auto policy = policy_in(config);
  plan.input = {{"body", body}, {"outsideWindow", policy ? Json(name_of(*policy)) : Json()}};
  for (auto& part : split_text(body)) {
    const Json content{{"body", part}};
    plan.effects.emplace_back(SendEffect{.type = "text",
                                         .text = std::move(part),
                                         .content = content,
                                         .policy = policy,
                                         .is_later_part = !plan.effects.empty()});
  }
  if (plan.effects.empty()) {
    plan.failure = store::Complaint{.code = "empty_text", .words = "with its variables filled in the text is empty"};
  }
  return plan;
}

}  // namespace

const NodeFamily& send_message_node() {
  static constexpr NodeFamily kFamily{.type = "wa.send_message",
                                      .label = "Send message",
                                      .says = "Sends free-form text to the customer.",
                                      .kind = NodeKind::Message,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
