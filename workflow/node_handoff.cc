// wa.handoff: the conversation is a person's from here on, and the run ends. {"assignTo"?: a user's id, "note"?: text
// with variables, kept in the step}; no output.

#include "base/id.h"
#include "base/or_null.h"
#include "workflow/config_checks.h"
#include "workflow/config_schema.h"
#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json schema() {
  return schema_of::config(
      {{"assignTo", schema_of::text("Assign to", "The id of the user whose conversation it becomes.")},
       {"note", schema_of::text("Note", "For the people who read the run; may hold {{variables}}.")}});
}

std::optional<std::string> assignee_in(const Json& config) {
  auto user = text_or_empty(config, "assignTo");
  if (user.empty()) return std::nullopt;
  return user;
}

std::vector<FieldError> faults(const Json& config) {
  std::vector<FieldError> faults;
  const Json* user = given(config, "assignTo");
  if (user != nullptr && !(user->is_string() && Uuid::parse(user->get<std::string>()))) {
    faults.push_back({"assignTo", "must be a user's id"});
  }
  check_text(faults, config, "note");
  return faults;
}

Plan plan(const Visit& visit) {
  Plan plan;
  const auto user = assignee_in(visit.config);
  plan.input = {{"assignTo", or_null(user)}, {"note", plan.filled(text_or_empty(visit.config, "note"), visit.scope)}};
  plan.effects.emplace_back(HandoffEffect{.assign_to = user});
  return plan;
}

}  // namespace

const NodeFamily& handoff_node() {
  static constexpr NodeFamily kFamily{.type = "wa.handoff",
                                      .label = "Hand off",
                                      .says = "Hands the conversation to a person.",
                                      .kind = NodeKind::Message,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = no_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
