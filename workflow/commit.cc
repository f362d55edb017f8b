#include "workflow/commit.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/locks.h"
#include "store/workflows.h"
#include "workflow/effects.h"

namespace waypost::workflow {
namespace {

std::unexpected<Error> stale() { return fail(ErrorKind::Conflict, "another worker was faster"); }

// Law 5: nothing of this conversation goes on beside us. A new run and one that waited need none under way, an old one
// to be the next. The CAS of advance_run looks at the revision of one that waited.
bool is_next(sql::Connection& connection, const SprintCommit& commit) {
  const auto next = store::next_run(connection, commit.run.tenant, commit.run.conversation);
  if (commit.begins || commit.run.status == "waiting") return !next;
  return next && next->id == commit.run.id && next->revision == commit.run.revision;
}

bool writes_contact(const Effect& effect) {
  const auto* field = std::get_if<SetFieldEffect>(&effect);
  return std::holds_alternative<TagEffect>(effect) || (field != nullptr && field->owner == FieldOwner::Contact);
}

bool writes_contact(const PlannedStep& step) {
  return std::ranges::any_of(step.plan.effects, [](const Effect& effect) { return writes_contact(effect); });
}

// Whom the run is about, by now; held before the conversation when a step will write the contact.
ContactId contact_of(sql::Connection& connection, const SprintCommit& commit) {
  const auto writes = [](const PlannedStep& step) { return writes_contact(step); };
  if (!std::ranges::any_of(commit.sprint.steps, writes)) return commit.run.contact;
  const auto contact = store::lock_contact(connection, commit.run.tenant, commit.run.contact);
  return contact ? contact->id : commit.run.contact;
}

// Not what a person asked for: a replay, a call of the API.
bool is_automatic(const SprintCommit& commit) {
  return commit.trigger || commit.run.status == "waiting" || (commit.run.message && !commit.run.replay_of);
}

// Read again under the commit, and held until it: the window and the fields may have moved since, a merge or another
// worker's commit waits.
std::optional<store::Conversation> usable_conversation(sql::Connection& connection, const SprintCommit& commit) {
  const auto contact = contact_of(connection, commit);
  auto conversation =
      store::find_conversation(connection, commit.run.tenant, commit.run.conversation, store::Lock::UntilCommit);
  if (!conversation || conversation->merged_into || conversation->contact != contact) return std::nullopt;
  if (conversation->status == "handoff" && is_automatic(commit)) return std::nullopt;
  return conversation;
}

bool may_take(sql::Connection& connection, const SprintCommit& commit) {
  const auto& run = commit.run;
  if (commit.begins && !store::is_published(connection, run.tenant, run.workflow, run.version)) return false;
  return store::take_trigger(connection, *commit.trigger);
}

store::Step new_row(const store::Run& run, const PlannedStep& planned, Time now) {
  return {.tenant = run.tenant,
          .run = run.id,
          .number = run.steps,
          .node_id = planned.node_id,
          .node_type = planned.node_type,
          .started_at = now};
}

// An open step keeps what it said before.
void fill_row(store::Step& row, const Plan& plan, Time now) {
  row.input.update(plan.input);
  row.output.update(plan.output);
  row.usage = plan.usage;
  row.handle = plan.handle;
  row.error = plan.failure;
  if (!row.error && (plan.wait || plan.call)) {
    row.status = plan.call ? "running" : "waiting";
  } else {
    row.status = row.error ? "failed" : "completed";
    row.ended_at = now;
  }
}

void add_messages(store::Step& row, const std::vector<std::string>& ids) {
  row.output.update({{"messageId", ids.front()}, {"messageIds", ids}, {"status", "queued"}});
}

// Executes and records one step; what the run fails of with it, if it does.
std::optional<store::Complaint> take_step(sql::Connection& connection, const EffectContext& context,
                                          const PlannedStep& planned, Committed& committed) {
  auto& run = committed.run;
  if (!planned.open) ++run.steps;
  auto row = new_row(run, planned, context.now);
  if (planned.open) row = store::find_step(connection, run.tenant, run.id, *planned.open).value_or(row);
  fill_row(row, planned.plan, context.now);
  auto applied = apply_effects(connection, context, planned);
  if (!applied.message_ids.empty()) {
    committed.has_sends = true;
    add_messages(row, applied.message_ids);
  }
  if (applied.failure) {
    row.error = applied.failure;
    row.status = "failed";
    row.handle.reset();
    row.ended_at = context.now;
  }
  planned.open ? store::update_step(connection, row) : store::insert_step(connection, row);
  return applied.failure;
}

std::optional<store::Complaint> take_steps(sql::Connection& connection, const SprintCommit& commit,
                                           const std::optional<store::Conversation>& conversation,
                                           Committed& committed) {
  if (commit.sprint.steps.empty()) return commit.sprint.failure;
  WAYPOST_CHECK(conversation.has_value());
  const EffectContext context{
      .run = commit.run, .conversation = *conversation, .rules = commit.rules, .now = commit.now};
  for (const auto& planned : commit.sprint.steps) {
    if (auto failure = take_step(connection, context, planned, committed)) return failure;
  }
  return commit.sprint.failure;
}

// What a call was asked with goes with the run's end; how it ended stays.
void end_run(store::Run& run, std::optional<store::Complaint> failure, Time now) {
  auto state = read_state(run.state);
  if (std::exchange(state.stop, std::nullopt)) run.state = to_json(state);
  run.status = failure ? "failed" : "completed";
  run.error = std::move(failure);
  run.position.reset();
  run.due_at.reset();
  run.ended_at = now;
}

void go_on(store::Run& run, const SprintCommit& commit) {
  RunState state = commit.sprint.state;
  const bool waits = state.stop && !state.stop->call;
  if (state.stop) state.stop->asked = commit.asked;
  run.status = waits ? "waiting" : "running";
  run.position = commit.sprint.next;
  run.due_at = state.stop ? commit.stands_until : commit.now;
  run.state = to_json(state);
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
    go_on(run, commit);
  } else {
    end_run(run, std::move(failure), commit.now);
  }
  if (!store::advance_run(connection, run, commit.now)) return stale();
  ++run.revision;
  run.updated_at = commit.now;
  if (run.error) store::close_steps(connection, run, commit.now);
  if (!goes_on) store::tell_run(connection, run.error ? "run.failed" : "run.completed", run, commit.now);
  return committed;
}

}  // namespace

Result<Committed> commit_sprint(sql::Connection& connection, const SprintCommit& commit) {
  const auto conversation = usable_conversation(connection, commit);
  if (!conversation && !commit.sprint.steps.empty()) return stale();
  if (!is_next(connection, commit)) return stale();
  Committed committed{.run = commit.run};
  if (commit.trigger && !may_take(connection, commit)) return stale();
  // A run of this message exists already: the trigger was left over, and goes with this commit.
  if (commit.begins && !store::insert_run(connection, commit.run)) return committed;
  if (!committed.run.started_at) begin(connection, committed.run, commit.now);
  auto failure = take_steps(connection, commit, conversation, committed);
  return finish(connection, commit, std::move(committed), std::move(failure));
}

Result<store::Run> commit_attempt(sql::Connection& connection, store::Run run, const RunState& state, Time now) {
  run.state = to_json(state);
  if (!store::advance_run(connection, run, now)) return stale();
  ++run.revision;
  run.updated_at = now;
  if (!state.stop) return run;
  auto step = store::find_step(connection, run.tenant, run.id, state.stop->step);
  if (step && step->attempt != state.stop->attempt) {
    step->attempt = state.stop->attempt;
    store::update_step(connection, *step);
  }
  return run;
}

}  // namespace waypost::workflow
