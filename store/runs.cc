#include "store/runs.h"

#include "base/json_members.h"
#include "base/or_null.h"
#include "store/conversations.h"
#include "store/counters.h"
#include "store/events.h"
#include "store/locks.h"
#include "store/run_counts.h"
#include "store/run_row.h"

namespace waypost::store {
namespace {

// Beyond, the limits of workflow/ have long been reached.
constexpr std::int64_t kRunsCounted = 1'000;
constexpr std::int64_t kTextsCounted = 500;
constexpr std::int64_t kWaitingRead = 50;

Json complaint_json(const std::optional<Complaint>& complaint) {
  if (!complaint) return {};
  return {{"code", complaint->code}, {"message", complaint->words}};
}

std::optional<std::int64_t> duration_ms(std::optional<Time> from, std::optional<Time> to) {
  if (!from || !to) return std::nullopt;
  return (*to - *from).count();
}

std::optional<std::string> code_of(const std::optional<Complaint>& complaint) {
  return complaint ? std::optional(complaint->code) : std::nullopt;
}

std::optional<std::string> words_of(const std::optional<Complaint>& complaint) {
  return complaint ? std::optional(complaint->words) : std::nullopt;
}

template <class Object>
void put_all(Object& object, const Run& run) {
  object.put("id", run.id);
  object.put("workflowId", run.workflow);
  object.put("workflowName", run.workflow_name);
  object.put("workflowVersion", run.version);
  object.put("conversationId", run.conversation);
  object.put("contactId", run.contact);
  object.put("channelId", run.channel);
  object.put("triggerMessageId", run.message);
  object.put("status", run.status);
  object.put_json("error", complaint_json(run.error));
  object.put("stepCount", run.steps);
  object.put("replayOf", run.replay_of);
  object.put("startedAt", run.started_at);
  object.put("endedAt", run.ended_at);
  object.put("durationMs", duration_ms(run.started_at, run.ended_at));
  object.put("createdAt", run.created_at);
  object.put("updatedAt", run.updated_at);
}

}  // namespace

Json to_json(const Run& run) {
  JsonObject object;
  put_all(object, run);
  return object.take();
}

std::optional<Run> find_run(sql::Connection& connection, TenantId tenant, RunId id) {
  static const std::string kText = select_runs() + "WHERE run.tenant_id = $1 AND run.id = $2";
  const auto rows = connection.run(kText, {tenant, id});
  if (rows.empty()) return std::nullopt;
  return read_run(rows.front());
}

// The states are the partial index's own words: run_pending.
std::optional<Run> next_run(sql::Connection& connection, TenantId tenant, ConversationId conversation) {
  static const std::string kOf =
      "(SELECT id FROM run WHERE tenant_id = $1 AND conversation_id = $2 AND (status = 'queued' OR status = 'running' "
      "OR status = 'waiting') AND status = ";
  static const std::string kText = select_runs() + "WHERE run.tenant_id = $1 AND run.id = COALESCE(" + kOf +
                                   "'running' LIMIT 1), " + kOf + "'queued' ORDER BY created_at, id LIMIT 1))";
  const auto rows = connection.run(kText, {tenant, conversation});
  if (rows.empty()) return std::nullopt;
  return read_run(rows.front());
}

bool has_runs(sql::Connection& connection, TenantId tenant, ConversationId conversation) {
  return !connection
              .run(
                  "SELECT 1 FROM run WHERE tenant_id = $1 AND conversation_id = $2 AND (status = 'queued' OR status = "
                  "'running' OR status = 'waiting') LIMIT 1",
                  {tenant, conversation})
              .empty();
}

// Those whose times come first, and those that began last: of these one waits for a reply, if any does.
std::vector<Run> waiting_runs(sql::Connection& connection, TenantId tenant, ConversationId conversation) {
  static const std::string kOf =
      "run.id IN (SELECT id FROM run WHERE tenant_id = $1 AND conversation_id = $2 AND status = 'waiting' ORDER BY ";
  static const std::string kText = select_runs() +
                                   "WHERE run.tenant_id = $1 AND run.conversation_id = $2 AND run.status = 'waiting' "
                                   "AND (" +
                                   kOf + "due_at, id LIMIT $3) OR " + kOf +
                                   "created_at DESC, id DESC LIMIT $3)) ORDER BY run.created_at, run.id";
  return read_runs(connection.run(kText, {tenant, conversation, kWaitingRead}));
}

std::int64_t recent_runs(sql::Connection& connection, TenantId tenant, ContactId contact, Time since) {
  return connection
      .run(
          "SELECT count(*) FROM (SELECT 1 FROM run WHERE tenant_id = $1 AND contact_id = $2 AND created_at > $3 AND "
          "message_id IS NOT NULL AND replay_of IS NULL AND (error_code IS NULL OR error_code <> $4) LIMIT $5) AS "
          "recent",
          {tenant, contact, since, kTooManyRuns, kRunsCounted})
      .front()
      .number(0);
}

std::int64_t recent_calls(sql::Connection& connection, TenantId tenant, ContactId contact, Time since) {
  return connection
      .run(
          "SELECT count(*) FROM (SELECT 1 FROM run WHERE tenant_id = $1 AND contact_id = $2 AND created_at > $3 AND "
          "message_id IS NULL AND replay_of IS NULL LIMIT $4) AS recent",
          {tenant, contact, since, kRunsCounted})
      .front()
      .number(0);
}

bool insert_run(sql::Connection& connection, const Run& run) {
  const auto inserted = connection.run(
      "INSERT INTO run (tenant_id, id, workflow_id, workflow_version, conversation_id, contact_id, channel_id, "
      "message_id, status, position, state, revision, steps, replay_of, due_at, created_at, started_at, updated_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $16) "
      "ON CONFLICT (tenant_id, message_id) WHERE replay_of IS NULL DO NOTHING",
      {run.tenant, run.id, run.workflow, run.version, run.conversation, run.contact, run.channel, run.message,
       run.status, run.position, sql::JsonText{dump(run.state)}, run.revision, run.steps, run.replay_of, run.due_at,
       run.created_at, run.started_at});
  if (inserted.changed() == 0) return false;
  count(connection, run.tenant, "runs", 1);
  return true;
}

bool advance_run(sql::Connection& connection, const Run& run, Time now) {
  const auto moved = connection.run(
      "UPDATE run SET status = $5, position = $6, state = $7, steps = $8, due_at = $9, error_code = $10, "
      "error = $11, started_at = $12, ended_at = $13, updated_at = $14, revision = revision + 1 "
      "WHERE tenant_id = $1 AND id = $2 AND revision = $3 AND conversation_id = $4",
      {run.tenant, run.id, run.revision, run.conversation, run.status, run.position, sql::JsonText{dump(run.state)},
       run.steps, run.due_at, code_of(run.error), words_of(run.error), run.started_at, run.ended_at, now});
  if (moved.changed() == 0) return false;
  if (run.ended_at) count_ended_run(connection, run.tenant, run.status);
  return true;
}

namespace {

void cancel(sql::Connection& connection, Run run, const Complaint& why, Time now) {
  run.status = "cancelled";
  run.error = why;
  run.position.reset();
  if (run.state.is_object()) run.state.erase("stop");  // what a call was asked with
  run.due_at.reset();
  run.ended_at = now;
  if (!advance_run(connection, run, now)) run_again("a run was moved by another transaction");
  run.updated_at = now;
  close_steps(connection, run, now);
  tell_run(connection, "run.cancelled", run, now);
}

}  // namespace

bool cancel_run(sql::Connection& connection, TenantId tenant, RunId id, const Complaint& why, Time now) {
  auto run = find_run(connection, tenant, id);
  if (!run || run->ended_at) return false;
  find_conversation(connection, tenant, run->conversation, Lock::UntilCommit);  // before the run, as everybody does
  run = find_run(connection, tenant, id);
  if (!run || run->ended_at) return false;
  cancel(connection, *std::move(run), why, now);
  return true;
}

void cancel_runs(sql::Connection& connection, const RunPlace& place, const Complaint& why, Time now) {
  static const std::string kText =
      select_runs() +
      "WHERE run.tenant_id = $1 AND run.conversation_id = $2 AND (run.status = 'queued' OR run.status = 'running' OR "
      "run.status = 'waiting') ORDER BY run.created_at, run.id";
  for (auto& run : read_runs(connection.run(kText, {place.tenant, place.conversation}))) {
    cancel(connection, std::move(run), why, now);
  }
}

void tell_run(sql::Connection& connection, std::string_view type, const Run& run, Time now) {
  JsonMembers members;
  put_all(members, run);
  const std::string payload = R"({"run":{)" + members.take() + "}}";
  append_event(connection, run.tenant, {.type = type, .conversation = run.conversation, .payload = payload}, now);
}

namespace {

constexpr std::string_view kSelectSteps =
    "SELECT number, node_id, node_type, status, input, output, handle, error_code, error, attempt, started_at, "
    "ended_at, usage FROM step WHERE tenant_id = $1 AND run_id = $2 ";

Step read_step(const sql::Row& row, TenantId tenant, RunId run) {
  return {.tenant = tenant,
          .run = run,
          .number = row.number(0),
          .node_id = row.text(1),
          .node_type = row.text(2),
          .status = row.text(3),
          .input = row.json(4),
          .output = row.json(5),
          .usage = row.is_null(12) ? Json() : row.json(12),
          .handle = row.maybe_text(6),
          .error = read_complaint(row, 7),
          .attempt = row.number(9),
          .started_at = row.time(10),
          .ended_at = row.maybe_time(11)};
}

sql::Value usage_of(const std::string& text) {
  return text.empty() ? sql::Value::null(sql::Type::Json) : sql::Value(sql::JsonText{text});
}
std::string usage_text(const Step& step) { return step.usage.is_null() ? std::string() : dump(step.usage); }

}  // namespace

Json to_json(const Step& step) {
  return {{"id", step.number},
          {"runId", step.run.text()},
          {"nodeId", step.node_id},
          {"nodeType", step.node_type},
          {"status", step.status},
          {"input", step.input},
          {"output", step.output},
          {"usage", step.usage},
          {"handle", step.handle ? Json(*step.handle) : Json()},
          {"error", complaint_json(step.error)},
          {"attempt", step.attempt},
          {"startedAt", iso8601(step.started_at)},
          {"endedAt", or_null(step.ended_at)},
          {"durationMs", or_null(duration_ms(step.started_at, step.ended_at))}};
}

void insert_step(sql::Connection& connection, const Step& step) {
  const auto usage = usage_text(step);
  static const sql::Insertion kInto("step",
                                    "tenant_id, run_id, number, node_id, node_type, status, input, output, usage, "
                                    "handle, error_code, error, attempt, started_at, ended_at");
  connection.insert(kInto,
                    {step.tenant, step.run, step.number, step.node_id, step.node_type, step.status,
                     sql::JsonText{dump(step.input)}, sql::JsonText{dump(step.output)}, usage_of(usage), step.handle,
                     code_of(step.error), words_of(step.error), step.attempt, step.started_at, step.ended_at});
}

void update_step(sql::Connection& connection, const Step& step) {
  const auto usage = usage_text(step);
  connection.run(
      "UPDATE step SET status = $4, input = $5, output = $6, usage = $7, handle = $8, error_code = $9, error = $10, "
      "attempt = $11, ended_at = $12 WHERE tenant_id = $1 AND run_id = $2 AND number = $3",
      {step.tenant, step.run, step.number, step.status, sql::JsonText{dump(step.input)},
       sql::JsonText{dump(step.output)}, usage_of(usage), step.handle, code_of(step.error), words_of(step.error),
       step.attempt, step.ended_at});
}

void close_steps(sql::Connection& connection, const Run& run, Time now) {
  connection.run(
      "UPDATE step SET status = $3, error_code = $4, error = $5, ended_at = $6 WHERE tenant_id = $1 AND run_id = $2 "
      "AND ended_at IS NULL",
      {run.tenant, run.id, run.status == "completed" ? "failed" : run.status, code_of(run.error), words_of(run.error),
       now});
}

std::optional<Step> find_step(sql::Connection& connection, TenantId tenant, RunId run, std::int64_t number) {
  static const std::string kText = std::string(kSelectSteps) + "AND number = $3";
  const auto rows = connection.run(kText, {tenant, run, number});
  if (rows.empty()) return std::nullopt;
  return read_step(rows.front(), tenant, run);
}

std::vector<Step> list_steps(sql::Connection& connection, TenantId tenant, RunId run) {
  static const std::string kText = std::string(kSelectSteps) + "ORDER BY number";
  std::vector<Step> steps;
  for (const auto row : connection.run(kText, {tenant, run})) steps.push_back(read_step(row, tenant, run));
  return steps;
}

std::vector<std::string> recent_texts(sql::Connection& connection, TenantId tenant, ContactId contact, Time since) {
  std::vector<std::string> texts;
  const auto rows = connection.run(
      "SELECT m.text FROM conversation AS c JOIN message AS m ON m.tenant_id = c.tenant_id AND m.conversation_id = "
      "c.id "
      "WHERE c.tenant_id = $1 AND c.contact_id = $2 AND c.merged_into IS NULL AND m.happened_at > $3 AND m.direction = "
      "'out' AND m.author = 'workflow' AND m.text IS NOT NULL ORDER BY m.happened_at DESC LIMIT $4",
      {tenant, contact, since, kTextsCounted});
  for (const auto row : rows) texts.push_back(row.text(0));
  return texts;
}

}  // namespace waypost::store
