#include "workflow/sprint.h"

#include <utility>

#include "workflow/call_json.h"
#include "workflow/rate_limit.h"
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
    plan = {.input = std::move(plan.input),
            .failure = complaint(kEqualTexts, "this text went to the contact " + std::to_string(most) +
                                                  " times in five minutes: is a machine answering?")};
    return;
  }
}

// What ends the sprint before its next step.
std::optional<store::Complaint> too_far(const Situation& situation, const SprintLimits& limits) {
  if (situation.steps < limits.steps_per_run) return std::nullopt;
  return complaint(kTooManySteps, "the run took " + std::to_string(limits.steps_per_run) + " steps");
}

std::int64_t counted(const NodeCounts& counts, const Node& node) {
  if (counts.empty()) return 0;
  const auto found = counts.find({node.id, rate_limit_in(node.config).per_contact});
  return found == counts.end() ? 0 : found->second;
}

// Plans node after node; the first one with the situation's cause, where it may go on with an open step.
class Planner {
 public:
  Planner(const Graph& graph, Situation situation, const SprintLimits& limits)
      : graph_(graph), at_(std::move(situation)), limits_(limits) {
    sprint_.next = at_.position;
    sprint_.state = std::move(at_.state);
    open_ = std::exchange(sprint_.state.stop, std::nullopt);
  }

  Sprint plan() {
    while (sprint_.next && !sprint_.state.stop && std::ssize(sprint_.steps) < limits_.steps_per_sprint) take_step();
    return std::move(sprint_);
  }

 private:
  void take_step() {
    const auto* node = graph_.find(*sprint_.next);
    if (node == nullptr) sprint_.failure = complaint(kBadGraph, "there is no node " + *sprint_.next);
    if (!sprint_.failure && !open_) sprint_.failure = too_far(at_, limits_);
    sprint_.next.reset();
    if (sprint_.failure) return;
    PlannedStep step{.node_id = node->id, .node_type = node->type, .plan = plan_of(*node)};
    if (open_) step.open = open_->step;
    if (!open_) ++at_.steps;
    go_behind(*node, step.plan);
    open_.reset();
    at_.cause = Entered{};
    sprint_.steps.push_back(std::move(step));
  }

  Plan plan_of(const Node& node) {
    const auto* family = find_family(node.type);
    if (family == nullptr) return {.failure = complaint(kBadGraph, "this release knows no node " + node.type)};
    auto plan = family->plan({.config = node.config,
                              .scope = at_.scope,
                              .now = at_.now,
                              .node = node.id,
                              .cause = at_.cause,
                              .memo = open_ ? open_->memo : kNoMemo,
                              .counted = counted(at_.counts, node)});
    refuse_equal_texts(plan, at_.sent_texts, limits_.equal_texts);
    if (!plan.unknown_variables.empty()) plan.output["unknownVariables"] = plan.unknown_variables;
    if (plan.failure) plan.effects.clear();
    if (plan.failure && plan.handle != kFailed) plan.handle.reset();
    return plan;
  }

  // Where the run is after that plan.
  void go_behind(const Node& node, Plan& plan) {
    put_in_scope(at_.scope, node.id, plan);
    sprint_.state.variables.update(plan.variables);
    if (graph_.kept_outputs.contains(node.id)) sprint_.state.outputs[node.id] = plan.output;
    if (!plan.failure && (plan.wait || plan.call)) {
      stop_at(node, plan);
    } else if (plan.handle) {
      sprint_.next = graph_.next(node.id, *plan.handle);
    }
    if (plan.failure && !sprint_.next) {
      sprint_.failure = plan.failure;
      plan.handle.reset();
    }
    check_size();
  }

  void stop_at(const Node& node, const Plan& plan) {
    sprint_.next = node.id;
    sprint_.state.stop = Stop{.step = open_ ? open_->step : at_.steps,
                              .reply = plan.wait && plan.wait->reply,
                              .call = plan.call.has_value(),
                              .ask = plan.call ? to_json(*plan.call) : Json::object(),
                              .memo = plan.memo};
  }

  void check_size() {
    if (sprint_.state.variables.empty() && sprint_.state.outputs.empty() && !sprint_.state.stop) return;
    if (dump(to_json(sprint_.state)).size() <= kStateBytes) return;
    sprint_.state = {.trigger = std::move(sprint_.state.trigger)};
    sprint_.next.reset();
    sprint_.failure = complaint(kStateTooLarge, "what the nodes gave is more than 256 KiB");
  }

  const Graph& graph_;
  Situation at_;
  const SprintLimits& limits_;
  std::optional<Stop> open_;  // the step that the first node goes on with
  Sprint sprint_;
};

}  // namespace

Sprint failed_sprint(std::string_view code, std::string words) {
  return {.failure = complaint(code, std::move(words))};
}

Sprint plan_sprint(const Graph& graph, Situation situation, const SprintLimits& limits) {
  return Planner(graph, std::move(situation), limits).plan();
}

}  // namespace waypost::workflow
