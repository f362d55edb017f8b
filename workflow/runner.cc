#include "workflow/runner.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "workflow/commit.h"
#include "workflow/graph_cache.h"
#include "workflow/quiet_tenants.h"
#include "workflow/scope.h"
#include "workflow/work.h"

namespace waypost::workflow {
namespace {

// Commits of one turn; then others have theirs.
constexpr int kSprintsATurn = 16;

// Readings in a row that others outran; then the key rests a while.
constexpr int kStaleInARow = 8;

enum class After { Done, More, Stale };
struct Turn {
  After after = After::Done;
  std::optional<Time> due{};  // Done: when to come back
};

void count_ended(const store::Run& run) {
  static auto& completed = counter("waypost_runs_ended_total", "Runs that ended", {{"status", "completed"}});
  static auto& failed = counter("waypost_runs_ended_total", "Runs that ended", {{"status", "failed"}});
  if (run.status == "completed") completed.Increment();
  if (run.status == "failed") failed.Increment();
}

store::Run new_run(const Start& start, const store::Conversation& conversation, Time now) {
  return {.tenant = conversation.tenant,
          .id = RunId::make(now),
          .workflow = start.workflow.id,
          .workflow_name = start.workflow.name,
          .version = start.workflow.version,
          .conversation = conversation.id,
          .contact = conversation.contact,
          .channel = conversation.channel,
          .message = start.message.id,
          .status = "running",
          .due_at = now,
          .created_at = now,
          .updated_at = now};
}

class TheRunner final : public Runner {
 public:
  TheRunner(sql::Database& database, Signals& signals, const Clock& clock, const RunnerSettings& settings)
      : database_(database), signals_(signals), clock_(clock), settings_(settings) {}

  awaitable<WorkOutcome> handle(ReadyKey key) override {
    if (quiet_.is_quiet(key.owner, clock_.now())) {
      const auto left = co_await drop_unread(key);
      if (!left) co_return fail(left.error());
      if (!*left) co_return std::nullopt;
      quiet_.forget(key.owner);
    }
    int stale = 0;
    for (int sprint = 0; sprint < kSprintsATurn; ++sprint) {
      const auto turn = co_await take_turn(key);
      if (!turn) co_return fail(turn.error());
      if (turn->after == After::Done) co_return turn->due;
      stale = turn->after == After::Stale ? stale + 1 : 0;
      if (stale == kStaleInARow) co_return fail(ErrorKind::Conflict, "others were faster, again and again");
    }
    co_return clock_.now();
  }

 private:
  // False: nothing is left to do.
  awaitable<Result<bool>> drop_unread(ReadyKey key) {
    return database_.write(sql::lane_key(key.key, key.owner), [key](sql::Connection& connection) {
      store::drop_unwanted_triggers(connection, key.owner, key.key);
      return store::has_published(connection, key.owner) || store::next_run(connection, key.owner, key.key).has_value();
    });
  }

  awaitable<Result<Turn>> take_turn(ReadyKey key) {
    const auto now = clock_.now();
    auto work = co_await database_.read(
        [key, now](sql::Connection& connection) { return read_work(connection, key.owner, key.key, now); });
    if (!work) co_return fail(work.error());
    auto next = next_work(*work, now, settings_.limits.trigger_max_age);
    if (!work->triggers.empty() && work->published.empty()) quiet_.remember(key.owner, now);
    if (const auto* wait = std::get_if<Wait>(&next)) co_return Turn{.due = wait->until};
    if (const auto* moved = std::get_if<Moved>(&next)) offer(QueueName::Runs, {.owner = key.owner, .key = moved->to});
    if (const auto* drop = std::get_if<Drop>(&next)) co_return co_await drop_read(key, drop->last);
    if (auto* start = std::get_if<Start>(&next)) co_return co_await start_run(*work, *start, now);
    if (auto* go_on = std::get_if<GoOn>(&next)) co_return co_await go_on_with(*work, *go_on, now);
    co_return Turn{};
  }

  awaitable<Result<Turn>> drop_read(ReadyKey key, std::int64_t last) {
    auto dropped = co_await database_.write(
        sql::lane_key(key.key, key.owner),
        [key, last](sql::Connection& connection) { store::drop_triggers(connection, key.owner, key.key, last); });
    if (!dropped) co_return fail(dropped.error());
    co_return Turn{.after = After::More};
  }

  awaitable<Result<Turn>> start_run(const Work& work, const Start& start, Time now) {
    SprintCommit commit{
        .run = new_run(start, *work.conversation, now), .trigger = start.trigger, .rules = rules(), .now = now};
    const auto graph = co_await graph_of(commit.run);
    if (!graph) co_return fail(graph.error());
    const auto most = settings_.limits.max_runs_per_contact_per_minute;
    if (work.runs_in_a_minute >= most) {
      commit.sprint = failed_sprint(store::kTooManyRuns, "the contact started " + std::to_string(most) +
                                                             " runs in a minute: this one is refused");
    } else {
      commit.sprint = sprint_of(*graph, work, commit.run, start.message);
    }
    co_return co_await commit_and_signal(std::move(commit));
  }

  awaitable<Result<Turn>> go_on_with(const Work& work, const GoOn& go_on, Time now) {
    SprintCommit commit{.run = go_on.run, .rules = rules(), .now = now};
    const auto graph = co_await graph_of(commit.run);
    if (!graph) co_return fail(graph.error());
    if (!go_on.message || !work.conversation || !work.contact) {
      commit.sprint = failed_sprint("no_message", "the run's message, contact or conversation is gone");
    } else {
      commit.sprint = sprint_of(*graph, work, commit.run, *go_on.message);
    }
    co_return co_await commit_and_signal(std::move(commit));
  }

  // Null: the version is gone.
  awaitable<Result<std::shared_ptr<const Graph>>> graph_of(const store::Run& run) {
    if (auto kept = graphs_.find(run.workflow, run.version)) co_return kept;
    auto json = co_await database_.read(
        [tenant = run.tenant, workflow = run.workflow, version = run.version](sql::Connection& connection) {
          return store::graph_of_version(connection, tenant, workflow, version);
        });
    if (!json) co_return fail(json.error());
    if (!*json) co_return nullptr;
    co_return graphs_.keep(run.workflow, run.version, read_graph(**json));
  }

  Sprint sprint_of(const std::shared_ptr<const Graph>& graph, const Work& work, const store::Run& run,
                   const store::Message& message) const {
    if (!graph) return failed_sprint(kBadGraph, "the workflow's version is gone");
    return plan_sprint(*graph,
                       {.position = run.position.value_or(graph->entry),
                        .steps = run.steps,
                        .scope = scope_of(*work.contact, *work.conversation, message),
                        .sent_texts = work.sent_texts},
                       {.steps_per_run = settings_.limits.max_steps_per_run,
                        .steps_per_sprint = settings_.limits.max_steps_per_sprint,
                        .equal_texts = settings_.limits.max_equal_texts_in_five_minutes});
  }

  awaitable<Result<Turn>> commit_and_signal(SprintCommit commit) {
    auto committed = co_await write_sprint(commit);
    if (!committed && committed.error().kind() == ErrorKind::Internal && !commit.sprint.steps.empty()) {
      log::error("run {} cannot be written and ends: {}", commit.run.id.text(), committed.error().words());
      commit.sprint = failed_sprint("internal", committed.error().words());
      committed = co_await write_sprint(commit);
    }
    if (!committed) co_return unwritten(committed.error());
    if (committed->has_sends) {
      offer(QueueName::Sends,
            {.owner = commit.run.tenant, .key = commit.run.conversation, .channel = commit.run.channel});
    }
    count_ended(committed->run);
    co_return Turn{.after = After::More};
  }

  awaitable<Result<Committed>> write_sprint(SprintCommit commit) {
    const auto key = sql::lane_key(commit.run.conversation, commit.run.tenant);
    return database_.write(
        key, [commit = std::move(commit)](sql::Connection& connection) { return commit_sprint(connection, commit); });
  }

  static Result<Turn> unwritten(const Error& error) {
    if (error.kind() == ErrorKind::Conflict) return Turn{.after = After::Stale};
    return fail(error);
  }

  void offer(QueueName queue, ReadyKey key) { signals_.offer({{.queue = queue, .key = key}}); }

  store::AcceptRules rules() const {
    return {.window_margin = settings_.window_margin, .validity = settings_.validity};
  }

  sql::Database& database_;
  Signals& signals_;
  const Clock& clock_;
  const RunnerSettings settings_;
  GraphCache graphs_;
  QuietTenants quiet_;
};

}  // namespace

RunnerSettings runner_settings(const Settings& settings) {
  return {
      .limits = settings.runs, .window_margin = settings.sending.window_margin, .validity = settings.sending.validity};
}

std::unique_ptr<Runner> Runner::make(sql::Database& database, Signals& signals, const Clock& clock,
                                     const RunnerSettings& settings) {
  return std::make_unique<TheRunner>(database, signals, clock, settings);
}

}  // namespace waypost::workflow
