// Task: a run that takes its next steps, and why; what its sprint is planned with. Reading is lane only, the rest is
// pure.

#pragma once

#include <optional>

#include "sql/connection.h"
#include "workflow/sprint.h"
#include "workflow/work.h"

namespace waypost::workflow {

struct Task {
  store::Run run{};
  bool begins = false;                      // a new run, which a message starts
  std::optional<store::Trigger> trigger{};  // the message that starts it, or that it waited for
  std::optional<store::Message> message{};  // what started the run, if it is at hand
  Cause cause{};
  bool settles = false;  // with a call's answer, beside the queue
};

Task task_of(Start start, const store::Conversation& conversation, Time now);

// What a sprint needs beside the work that was read.
struct Details {
  std::optional<store::Message> message{};  // what started the run
  NodeCounts counts{};
};
bool needs_details(const Task& task, const Graph* graph);
Details read_details(sql::Connection& connection, const Task& task, const Graph* graph, Time now);

struct TaskLimits {
  SprintLimits sprint{};
  std::int64_t runs_per_minute = 30;  // that a contact may start
  milliseconds run_time{std::chrono::hours(30 * 24)};
  // A run may not outlast its time, with all that it waits.
  Time last_of(const store::Run& run) const { return run.created_at + run_time; }
};

struct Planning {
  const Task& task;
  const Work& work;
  const Details& details;
  const Graph* graph = nullptr;  // null: the run's version is gone
  Time now{};
  const TaskLimits& limits;
};
// The task's sprint. A run that may take no step ends at once, with its reason.
Sprint plan_task(const Planning& planning);

}  // namespace waypost::workflow
