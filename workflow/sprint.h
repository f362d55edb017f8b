// Sprint: the steps that a run takes before its next commit, planned without touching anything. Every step whose
// effects are rows belongs to it; it ends with the run, at a failure, where the run waits or calls, or at the limit of
// steps. Pure; any thread.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "workflow/graph.h"
#include "workflow/node_family.h"
#include "workflow/run_state.h"

namespace waypost::workflow {

// Reasons that end a run (its error's code) beside those of the nodes and of store::accept_message.
inline constexpr std::string_view kTooManySteps = "too_many_steps";
inline constexpr std::string_view kEqualTexts = "equal_texts";
inline constexpr std::string_view kBadGraph = "bad_graph";
inline constexpr std::string_view kRunTooLong = "run_too_long";
inline constexpr std::string_view kStateTooLarge = "state_too_large";

struct SprintLimits {
  std::int64_t steps_per_run = 500;
  std::int64_t steps_per_sprint = 50;
  std::int64_t equal_texts = 5;  // that workflows may send a contact in five minutes: two machines must not talk on
};

// What logic.rate_limit nodes have counted in their windows under way: by node, and whether per contact.
using NodeCounts = std::map<std::pair<std::string, bool>, std::int64_t>;

// Where a run stands.
struct Situation {
  std::string position{};  // the node to execute next
  std::int64_t steps = 0;  // executed before
  Json scope = Json::object();
  RunState state{};
  Cause cause{};  // why the node at `position` is planned now
  Time now{};
  std::map<std::string, std::int64_t> sent_texts{};  // by workflows to this contact in the last five minutes
  NodeCounts counts{};
};

struct PlannedStep {
  std::string node_id{};
  std::string node_type{};
  Plan plan{};
  std::optional<std::int64_t> open{};  // the number of the open step that this goes on with; nothing: a new one
};

struct Sprint {
  std::vector<PlannedStep> steps{};
  std::optional<std::string> next{};          // where the run goes on, or stands still; nothing: it ends
  std::optional<store::Complaint> failure{};  // it ends so
  RunState state{};                           // behind the steps; with a stop: the last step waits or calls
};

Sprint plan_sprint(const Graph& graph, Situation situation, const SprintLimits& limits);

// A run that cannot take a step ends at once.
Sprint failed_sprint(std::string_view code, std::string words);

}  // namespace waypost::workflow
