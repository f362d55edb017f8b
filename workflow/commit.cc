#include "workflow/commit.h"

#include <algorithm>

#include "base/check.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/locks.h"
#include "store/workflows.h"
#include "workflow/effects.h"

namespace waypost::workflow {
namespace {

std::unexpected<Error> stale() { return fail(ErrorKind::Conflict, "another worker was faster"); }

// Law 5: nothing of this conversation goes on beside us. A new run needs none under way, an old one to be the next.
bool is_next(sql::Connection& connection, const SprintCommit& commit) {
  const auto next = store::next_run(connection, commit.run.tenant, commit.run.conversation);
  if (commit.trigger) return !next;
  return next && next->id == commit.run.id && next->revision == commit.run.revision;
}

bool sets_contact_field(const PlannedStep& step) {
  return std::ranges::any_of(step.plan.effects, [](const Effect& effect) {
    const auto* field = std::get_if<SetFieldEffect>(&effect);
    return field != nullptr && field->owner == FieldOwner::Contact;
  });
}

// Whom the run is about, by now; held before the conversation when a step will write the contact.
ContactId contact_of(sql::Connection& connection, const SprintCommit& commit) {
  if (!std::ranges::any_of(commit.sprint.steps, sets_contact_field)) return commit.run.contact;
  const auto contact = store::lock_contact(connection, commit.run.tenant, commit.run.contact);
  return contact ? contact->id : commit.run.contact;
}

// Read again under the commit, and held until it: the window and the fields may have moved since, a merge or another
// worker's commit waits.
std::optional<store::Conversation> usable_conversation(sql::Connection& connection, const SprintCommit& commit) {
  const auto contact = contact_of(connection, commit);
  auto conversation =
      store::find_conversation(connection, commit.run.tenant, commit.run.conversation, store::Lock::UntilCommit);
  if (!conversation || conversation->merged_into || conversation->contact != contact) return std::nullopt;
  if (commit.trigger && conversation->status == "handoff") return std::nullopt;
  return conversation;
}

bool may_take(sql::Connection& connection, const store::Run& run, const store::Trigger& trigger) {
  return store::is_published(connection, run.tenant, run.workflow, run.version) &&
         store::take_trigger(connection, trigger);
}

store::Step step_row(const store::Run& run, const PlannedStep& planned, Time now) {
  return {.tenant = run.tenant,
          .run = run.id,
          .number = run.steps,
          .node_id = planned.node_id,
          .node_type = planned.node_type,
          .input = planned.plan.input,
          .output = planned.plan.output,
          .handle = planned.plan.handle,
          .error = planned.plan.failure,
          .started_at = now,
          .ended_at = now};
}

// Executes and records one step; what it failed of, if it did.
std::optional<store::Complaint> take_step(sql::Connection& connection, const EffectContext& context,
                                          const PlannedStep& planned, Committed& committed) {
  ++committed.run.steps;
  auto row = step_row(committed.run, planned, context.now);
  if (!row.error) {
    auto applied = apply_effects(connection, context, planned);
    row.error = std::move(applied.failure);
    if (!applied.message_ids.empty()) {
      committed.has_sends = true;
      row.output.update(
          {{"messageId", applied.message_ids.front()}, {"messageIds", applied.message_ids}, {"status", "queued"}});
    }
  }
  if (row.error) {
    row.status = "failed";
    row.handle.reset();
  }
  store::insert_step(connection, row);
  return row.error;
}

std::optional<store::Complaint> take_steps(sql::Connection& connection, const SprintCommit& commit,
                                           const std::optional<store::Conversation>& conversation,
                                           Committed& committed) {
  if (commit.sprint.steps.empty()) return commit.sprint.failure;
  WAYPOST_CHECK(conversation.has_value());
  const EffectContext context{
      .run = commit.run.id, .conversation = *conversation, .rules = commit.rules, .now = commit.now};
  for (const auto& planned : commit.sprint.steps) {
    if (auto failure = take_step(connection, context, planned, committed)) return failure;
  }
  return commit.sprint.failure;
}

void end_run(store::Run& run, std::optional<store::Complaint> failure, Time now) {
  run.status = failure ? "failed" : "completed";
  run.error = std::move(failure);
  run.position.reset();
  run.due_at.reset();
  run.ended_at = now;
}

void go_on(store::Run& run, const std::string& next, Time now) {
  run.status = "running";
  run.position = next;
  run.due_at = now;
}

void begin(sql::Connection& connection, store::Run& run, Time now) {
  run.status = "running";
  run.started_at = run.updated_at = now;
  store::tell_run(connection, "run.started", run, now);
}

// The run's end, or its new position; the CAS.
Result<Committed> finish(sql::Connection& connection, const SprintCommit& commit, Committed committed,
                         std::optional<store::Complaint> failure) {
  auto& run = committed.run;
  const bool goes_on = !failure && commit.sprint.next;
  if (goes_on) {
    go_on(run, *commit.sprint.next, commit.now);
  } else {
    end_run(run, std::move(failure), commit.now);
  }
  if (!store::advance_run(connection, run, commit.now)) return stale();
  ++run.revision;
  run.updated_at = commit.now;
  if (!goes_on) store::tell_run(connection, run.error ? "run.failed" : "run.completed", run, commit.now);
  return committed;
}

}  // namespace

Result<Committed> commit_sprint(sql::Connection& connection, const SprintCommit& commit) {
  const auto conversation = usable_conversation(connection, commit);
  if (!conversation && !commit.sprint.steps.empty()) return stale();
  if (!is_next(connection, commit)) return stale();
  Committed committed{.run = commit.run};
  if (commit.trigger) {
    if (!may_take(connection, commit.run, *commit.trigger)) return stale();
    // A run of this message exists already: the trigger was left over, and goes with this commit.
    if (!store::insert_run(connection, commit.run)) return committed;
  }
  if (!committed.run.started_at) begin(connection, committed.run, commit.now);
  auto failure = take_steps(connection, commit, conversation, committed);
  return finish(connection, commit, std::move(committed), std::move(failure));
}

}  // namespace waypost::workflow
