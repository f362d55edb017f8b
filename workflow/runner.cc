#include "workflow/runner.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "workflow/call_json.h"
#include "workflow/commit.h"
#include "workflow/graph_cache.h"
#include "workflow/outside_desk.h"
#include "workflow/quiet_tenants.h"
#include "workflow/task.h"
#include "workflow/work.h"

namespace waypost::workflow {
namespace {

// Commits of one turn; then others have theirs.
constexpr int kSprintsATurn = 16;

// Readings in a row that others outran; then the key rests a while.
constexpr int kStaleInARow = 8;

// Between two tries to write down a call's answer.
constexpr milliseconds kSettlePause{200};

const store::Complaint kHandedOff{.code = "handed_off", .words = "a person has the conversation"};
const store::Complaint kAnswerLost{.code = "answer_lost", .words = "the answer was lost again and again"};

enum class After { Done, More, Stale };
struct Turn {
  After after = After::Done;
  std::optional<Time> due{};  // Done: when to come back
};

// Those that this node's runner ended.
void count_ended(std::string_view status) {
  static constexpr auto kName = "waypost_runs_ended_total";
  static auto& completed = counter(kName, "Runs that ended", {{"status", "completed"}});
  static auto& failed = counter(kName, "Runs that ended", {{"status", "failed"}});
  static auto& cancelled = counter(kName, "Runs that ended", {{"status", "cancelled"}});
  if (status == "completed") completed.Increment();
  if (status == "failed") failed.Increment();
  if (status == "cancelled") cancelled.Increment();
}

ReadyKey key_of(const store::Run& run) { return {.owner = run.tenant, .key = run.conversation}; }

TaskLimits task_limits(const RunnerSettings& settings) {
  const auto& limits = settings.limits;
  return {.sprint = {.steps_per_run = limits.max_steps_per_run,
                     .steps_per_sprint = limits.max_steps_per_sprint,
                     .equal_texts = limits.max_equal_texts_in_five_minutes},
          .runs_per_minute = limits.max_runs_per_contact_per_minute,
          .run_time = limits.max_run_time};
}

std::optional<Time> stands_until(const Plan& plan, Time last) {
  return std::min(plan.wait->until.value_or(last), last);
}

class TheRunner final : public Runner {
 public:
  TheRunner(const RunnerParts& parts, const RunnerSettings& settings)
      : loop_(parts.loop),
        database_(parts.database),
        signals_(parts.signals),
        clock_(parts.clock),
        settings_(settings),
        limits_(task_limits(settings)),
        desk_(parts.loop, parts.outside, {settings.calls, settings.calls_per_workspace}, [this](const InLine& next) {
          offer(QueueName::Runs, {.owner = next.tenant, .key = next.conversation});
        }) {}

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

  awaitable<void> stop(milliseconds most) override { return desk_.stop(most); }

 private:
  // False: nothing is left to do.
  awaitable<Result<bool>> drop_unread(ReadyKey key) {
    return database_.write(sql::lane_key(key.key, key.owner), [key](sql::Connection& connection) {
      store::drop_unwanted_triggers(connection, key.owner, key.key);
      return store::has_published(connection, key.owner) || store::has_runs(connection, key.owner, key.key);
    });
  }

  awaitable<Result<Work>> read(ReadyKey key, Time now) {
    return database_.read(
        [key, now](sql::Connection& connection) { return read_work(connection, key.owner, key.key, now); });
  }

  awaitable<Result<Turn>> take_turn(ReadyKey key) {
    const auto now = clock_.now();
    auto work = co_await read(key, now);
    if (!work) co_return fail(work.error());
    auto next = next_work(*work, now, settings_.limits.trigger_max_age);
    if (!work->triggers.empty() && work->published.empty() && work->waiting.empty()) quiet_.remember(key.owner, now);
    if (const auto* wait = std::get_if<Wait>(&next)) co_return Turn{.due = wait->until};
    if (const auto* moved = std::get_if<Moved>(&next)) offer(QueueName::Runs, {.owner = key.owner, .key = moved->to});
    if (const auto* drop = std::get_if<Drop>(&next)) co_return co_await drop_read(key, drop->last);
    if (const auto* over = std::get_if<GiveUp>(&next)) co_return co_await give_up(over->run, now);
    if (auto* start = std::get_if<Start>(&next)) {
      co_return co_await take_sprint(*work, task_of(std::move(*start), *work->conversation, now), now);
    }
    if (auto* go_on = std::get_if<GoOn>(&next)) co_return co_await go_on_with(*work, std::move(go_on->run), now);
    if (auto* resume = std::get_if<Resume>(&next)) {
      co_return co_await take_sprint(
          *work, {.run = std::move(resume->run), .trigger = resume->trigger, .cause = std::move(resume->cause)}, now);
    }
    co_return Turn{};
  }

  awaitable<Result<Turn>> drop_read(ReadyKey key, std::int64_t last) {
    auto dropped = co_await database_.write(
        sql::lane_key(key.key, key.owner),
        [key, last](sql::Connection& connection) { store::drop_triggers(connection, key.owner, key.key, last); });
    if (!dropped) co_return fail(dropped.error());
    co_return Turn{.after = After::More};
  }

  awaitable<Result<Turn>> give_up(store::Run run, Time now) {
    const auto ended = co_await database_.write(lane_of(run), [run, now](sql::Connection& connection) {
      return store::cancel_run(connection, run.tenant, run.id, kHandedOff, now);
    });
    if (!ended) co_return fail(ended.error());
    if (*ended) count_ended("cancelled");
    co_return Turn{.after = After::More};
  }

  awaitable<Result<Turn>> go_on_with(const Work& work, store::Run run, Time now) {
    auto state = read_state(run.state);
    if (!state.stop || !state.stop->call || now >= limits_.last_of(run)) {
      return take_sprint(work, {.run = std::move(run)}, now);
    }
    const auto call = read_call(state.stop->ask);
    if (state.stop->asked && state.stop->attempt >= call.attempts + kMostLost) {
      return take_sprint(work, {.run = std::move(run), .cause = CallAnswer{.failure = kAnswerLost}}, now);
    }
    return ask_again(std::move(run), std::move(state), now);
  }

  awaitable<Result<Turn>> take_sprint(const Work& work, Task task, Time now) {
    const auto graph = co_await graph_of(task.run);
    if (!graph) co_return fail(graph.error());
    const auto details = co_await details_of(task, graph->get(), now);
    if (!details) co_return fail(details.error());
    auto sprint = plan_task(
        {.task = task, .work = work, .details = *details, .graph = graph->get(), .now = now, .limits = limits_});
    co_return co_await commit_and_signal({.run = std::move(task.run),
                                          .begins = task.begins,
                                          .trigger = std::move(task.trigger),
                                          .settles = task.settles,
                                          .sprint = std::move(sprint),
                                          .rules = rules(),
                                          .now = now});
  }

  awaitable<Result<Details>> details_of(const Task& task, const Graph* graph, Time now) {
    if (!needs_details(task, graph)) co_return Details{.message = task.message};
    co_return co_await database_.read(
        [&task, graph, now](sql::Connection& connection) { return read_details(connection, task, graph, now); });
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

  awaitable<Result<Turn>> commit_and_signal(SprintCommit commit) {
    const bool calls = commit.sprint.state.stop && commit.sprint.state.stop->call;
    if (commit.sprint.state.stop) stand_still(commit);
    auto committed = co_await write_sprint(commit);
    if (!committed && committed.error().kind() == ErrorKind::Internal && !commit.sprint.steps.empty()) {
      log::error("run {} cannot be written and ends: {}", commit.run.id.text(), committed.error().words());
      if (std::exchange(commit.asked, false)) desk_.give_back(commit.run.tenant);
      commit.sprint = failed_sprint("internal", committed.error().words());
      committed = co_await write_sprint(commit);
    }
    const bool goes_out = committed && commit.asked && committed->run.revision > commit.run.revision;
    if (commit.asked && !goes_out) desk_.give_back(commit.run.tenant);
    if (!committed) co_return unwritten(committed.error());
    if (committed->has_sends) {
      offer(QueueName::Sends,
            {.owner = commit.run.tenant, .key = commit.run.conversation, .channel = commit.run.channel});
    }
    if (committed->run.ended_at) count_ended(committed->run.status);
    if (goes_out) ask(committed->run);
    if (calls && committed->run.status == "running") co_return Turn{.due = committed->run.due_at};
    co_return Turn{.after = After::More};
  }

  // Until when, and whether its call goes out with this commit. Behind the answer of one the next goes by the queue,
  // where others have their turn and a stop stops it.
  void stand_still(SprintCommit& commit) {
    const auto& plan = commit.sprint.steps.back().plan;
    if (!plan.call) {
      commit.stands_until = stands_until(plan, limits_.last_of(commit.run));
      return;
    }
    if (commit.settles) {
      commit.stands_until = commit.now;
      return;
    }
    commit.asked = desk_.take(commit.run);
    commit.stands_until = commit.now + (commit.asked ? plan.call->timeout + kCallMargin : kCallPause);
  }

  awaitable<Result<Committed>> write_sprint(SprintCommit commit) {
    const auto key = lane_of(commit.run);
    return database_.write(
        key, [commit = std::move(commit)](sql::Connection& connection) { return commit_sprint(connection, commit); });
  }

  // The call's time has come: its first try may go now, its answer was lost, or a try that failed is repeated.
  awaitable<Result<Turn>> ask_again(store::Run run, RunState state, Time now) {
    const auto call = read_call(state.stop->ask);
    if (state.stop->asked) ++state.stop->attempt;
    state.stop->asked = desk_.take(run);
    run.due_at = now + (state.stop->asked ? call.timeout + kCallMargin : kCallPause);
    if (!state.stop->asked) co_return Turn{.due = run.due_at};
    auto written = co_await write_attempt(run, state, now);
    if (!written) {
      desk_.give_back(run.tenant);
      co_return unwritten(written.error());
    }
    ask(*written);
    co_return Turn{.due = written->due_at};
  }

  awaitable<Result<store::Run>> write_attempt(store::Run run, RunState state, Time now) {
    const auto key = lane_of(run);
    return database_.write(key, [run = std::move(run), state = std::move(state), now](sql::Connection& connection) {
      return commit_attempt(connection, run, state, now);
    });
  }

  void ask(const store::Run& run) {
    desk_.ask(run, [this](const store::Run& of, const OutsideTry& tried) { return settle(of, tried); });
  }

  // Writes down what came, as long as the run is as it was; the store may be away for a while.
  awaitable<void> settle(store::Run run, OutsideTry tried) {
    const auto state = read_state(run.state);
    while (clock_.now() < *run.due_at) {
      const auto settled = co_await try_to_settle(run, state, tried);
      if (settled && settled->after != After::Stale) {
        if (settled->after == After::More || settled->due)
          signals_.offer({{.queue = QueueName::Runs, .key = key_of(run), .due = settled->due}});
        co_return;
      }
      asio::steady_timer pause(loop_, kSettlePause);
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  awaitable<Result<Turn>> try_to_settle(const store::Run& run, RunState state, const OutsideTry& tried) {
    const auto now = clock_.now();
    const auto attempts = read_call(state.stop->ask).attempts;
    if (const auto pause = pause_before_retry(tried, state.stop->attempt, attempts)) {
      co_return co_await put_off(run, std::move(state), now + *pause);
    }
    auto work = co_await read(key_of(run), now);
    if (!work) co_return fail(work.error());
    const bool is_ours = work->run && work->run->id == run.id && work->run->revision == run.revision;
    if (!is_ours) co_return Turn{};
    if (is_a_persons(*work, now)) co_return Turn{.after = After::More};
    co_return co_await take_sprint(*work, {.run = *work->run, .cause = tried.answer, .settles = true}, now);
  }

  awaitable<Result<Turn>> put_off(store::Run run, RunState state, Time until) {
    ++state.stop->attempt;
    state.stop->asked = false;
    run.due_at = until;
    const auto written = co_await write_attempt(std::move(run), std::move(state), clock_.now());
    if (!written && written.error().kind() == ErrorKind::Conflict) co_return Turn{};
    if (!written) co_return fail(written.error());
    co_return Turn{.due = until};
  }

  static Result<Turn> unwritten(const Error& error) {
    if (error.kind() == ErrorKind::Conflict) return Turn{.after = After::Stale};
    return fail(error);
  }

  static sql::LaneKey lane_of(const store::Run& run) { return sql::lane_key(run.conversation, run.tenant); }

  void offer(QueueName queue, ReadyKey key) { signals_.offer({{.queue = queue, .key = key}}); }

  store::AcceptRules rules() const {
    return {.window_margin = settings_.window_margin, .validity = settings_.validity};
  }

  // Constant after construction.
  const asio::any_io_executor loop_;
  sql::Database& database_;
  Signals& signals_;
  const Clock& clock_;
  const RunnerSettings settings_;
  const TaskLimits limits_;

  GraphCache graphs_;
  QuietTenants quiet_;
  OutsideDesk desk_;
};

}  // namespace

RunnerSettings runner_settings(const Settings& settings) {
  return {.limits = settings.runs,
          .window_margin = settings.sending.window_margin,
          .validity = settings.sending.validity,
          .calls = settings.outside.calls,
          .calls_per_workspace = settings.outside.calls_per_workspace};
}

std::unique_ptr<Runner> Runner::make(const RunnerParts& parts, const RunnerSettings& settings) {
  return std::make_unique<TheRunner>(parts, settings);
}

}  // namespace waypost::workflow
