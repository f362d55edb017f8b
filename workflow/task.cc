#include "workflow/task.h"

#include <string>
#include <utility>

#include "store/node_counts.h"
#include "workflow/new_run.h"
#include "workflow/scope.h"

namespace waypost::workflow {
namespace {

NodeCounts counts_of(sql::Connection& connection, const store::Run& run, Time now) {
  NodeCounts counts;
  const auto rows = store::node_counts(
      connection, {.tenant = run.tenant, .workflow = run.workflow, .node = "", .subject = run.contact.uuid}, now);
  for (const auto& row : rows) counts[{row.node, row.subject == run.contact.uuid}] = row.count;
  return counts;
}

// Why the run takes no further step.
std::optional<Sprint> refusal_of(const Planning& planning) {
  const auto& [task, work, details, graph, now, limits] = planning;
  if (graph == nullptr) return failed_sprint(kBadGraph, "the workflow's version is gone");
  if (!work.conversation || !work.contact || (task.run.message && !details.message)) {
    return failed_sprint("no_message", "the run's message, contact or conversation is gone");
  }
  if (task.begins && work.runs_in_a_minute >= limits.runs_per_minute) {
    return failed_sprint(store::kTooManyRuns, "the contact started " + std::to_string(limits.runs_per_minute) +
                                                  " runs in a minute: this one is refused");
  }
  if (now >= limits.last_of(task.run)) return failed_sprint(kRunTooLong, "the run is older than runs.max_run_hours");
  return std::nullopt;
}

Situation situation_of(const Planning& planning) {
  const auto& [task, work, details, graph, now, limits] = planning;
  auto state = read_state(task.run.state);
  auto scope = scope_of({.contact = *work.contact,
                         .conversation = *work.conversation,
                         .message = details.message ? &*details.message : nullptr,
                         .time_zone = work.time_zone,
                         .now = now},
                        task.run, state);
  return {.position = task.run.position.value_or(graph->entry),
          .steps = task.run.steps,
          .scope = std::move(scope),
          .state = std::move(state),
          .cause = task.cause,
          .now = now,
          .sent_texts = work.sent_texts,
          .counts = details.counts};
}

}  // namespace

Task task_of(Start start, const store::Conversation& conversation, Time now) {
  auto run = new_run(start.workflow, conversation, now);
  run.status = "running";
  run.message = start.message.id;
  return {
      .run = std::move(run), .begins = true, .trigger = std::move(start.trigger), .message = std::move(start.message)};
}

bool needs_details(const Task& task, const Graph* graph) {
  return (graph != nullptr && graph->counts) || (task.run.message && !task.message);
}

Details read_details(sql::Connection& connection, const Task& task, const Graph* graph, Time now) {
  Details details{.message = task.message};
  if (graph != nullptr && graph->counts) details.counts = counts_of(connection, task.run, now);
  if (task.run.message && !task.message) {
    details.message = store::find_message(connection, task.run.tenant, *task.run.message);
  }
  return details;
}

Sprint plan_task(const Planning& planning) {
  if (auto refused = refusal_of(planning)) return *std::move(refused);
  return plan_sprint(*planning.graph, situation_of(planning), planning.limits.sprint);
}

}  // namespace waypost::workflow
