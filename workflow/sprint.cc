#include "workflow/sprint.h"

#include <utility>

#include "workflow/scope.h"

namespace waypost::workflow {
namespace {

store::Complaint complaint(std::string_view code, std::string words) {
  return {.code = std::string(code), .words = std::move(words)};
}

void refuse_equal_texts(Plan& plan, std::map<std::string, std::int64_t>& sent, std::int64_t most) {
  for (const auto& effect : plan.effects) {
    const auto* send = std::get_if<SendEffect>(&effect);
    if (send == nullptr || !send->text || ++sent[*send->text] <= most) continue;
    plan.failure = complaint(kEqualTexts, "this text went to the contact " + std::to_string(most) +
                                              " times in five minutes: is a machine answering?");
    plan.effects.clear();
    return;
  }
}

Plan plan_step(const Node& node, Situation& situation, const SprintLimits& limits) {
  const auto* family = find_family(node.type);
  if (family == nullptr) return {.failure = complaint(kBadGraph, "this release knows no node " + node.type)};
  auto plan = family->plan(node.config, situation.scope);
  refuse_equal_texts(plan, situation.sent_texts, limits.equal_texts);
  for (const auto& effect : plan.effects) {
    if (const auto* field = std::get_if<SetFieldEffect>(&effect)) set_field_in_scope(situation.scope, *field);
  }
  if (!plan.unknown_variables.empty()) plan.output["unknownVariables"] = plan.unknown_variables;
  if (plan.failure) plan.handle.reset();
  return plan;
}

// What ends the sprint before its next step.
std::optional<store::Complaint> too_far(const Situation& situation, const SprintLimits& limits) {
  if (situation.steps < limits.steps_per_run) return std::nullopt;
  return complaint(kTooManySteps, "the run took " + std::to_string(limits.steps_per_run) + " steps");
}

}  // namespace

Sprint failed_sprint(std::string_view code, std::string words) {
  return {.failure = complaint(code, std::move(words))};
}

Sprint plan_sprint(const Graph& graph, Situation situation, const SprintLimits& limits) {
  Sprint sprint{.next = situation.position};
  while (sprint.next && std::ssize(sprint.steps) < limits.steps_per_sprint) {
    const auto* node = graph.find(*sprint.next);
    if (node == nullptr) sprint.failure = complaint(kBadGraph, "there is no node " + *sprint.next);
    if (!sprint.failure) sprint.failure = too_far(situation, limits);
    sprint.next.reset();
    if (sprint.failure) break;
    ++situation.steps;
    auto plan = plan_step(*node, situation, limits);
    if (plan.handle) sprint.next = graph.next(node->id, *plan.handle);
    sprint.failure = plan.failure;
    sprint.steps.push_back({.node_id = node->id, .node_type = node->type, .plan = std::move(plan)});
  }
  return sprint;
}

}  // namespace waypost::workflow
