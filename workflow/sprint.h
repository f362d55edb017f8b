// Sprint: the steps that a run takes before its next commit, planned without touching anything. Every step whose
// effects are rows belongs to it; it ends with the run, at a failure, or at the limit of steps. Pure; any thread.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workflow/graph.h"
#include "workflow/node_family.h"

namespace waypost::workflow {

// Reasons that end a run (its error's code) beside those of the nodes and of store::accept_message.
inline constexpr std::string_view kTooManySteps = "too_many_steps";
inline constexpr std::string_view kEqualTexts = "equal_texts";
inline constexpr std::string_view kBadGraph = "bad_graph";

struct SprintLimits {
  std::int64_t steps_per_run = 500;
  std::int64_t steps_per_sprint = 50;
  std::int64_t equal_texts = 5;  // that workflows may send a contact in five minutes: two machines must not talk on
};

// Where a run stands.
struct Situation {
  std::string position{};  // the node to execute next
  std::int64_t steps = 0;  // executed before
  Json scope = Json::object();
  std::map<std::string, std::int64_t> sent_texts{};  // by workflows to this contact in the last five minutes
};

struct PlannedStep {
  std::string node_id{};
  std::string node_type{};
  Plan plan{};
};

struct Sprint {
  std::vector<PlannedStep> steps{};
  std::optional<std::string> next{};          // where the run goes on; nothing: it ends
  std::optional<store::Complaint> failure{};  // it ends so
};

Sprint plan_sprint(const Graph& graph, Situation situation, const SprintLimits& limits);

// A run that cannot take a step ends at once.
Sprint failed_sprint(std::string_view code, std::string words);

}  // namespace waypost::workflow
