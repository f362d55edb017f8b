// Runs of workflows and their steps. Lane only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"

namespace waypost::store {

struct Complaint {
  std::string code{};  // "window_closed", "too_many_steps" …
  std::string words{};
};

struct Run {
  TenantId tenant{};
  RunId id{};
  WorkflowId workflow{};
  std::string workflow_name{};  // read only: the workflow's
  std::int64_t version = 0;
  ConversationId conversation{};
  ContactId contact{};
  ChannelId channel{};
  std::optional<MessageId> message{};     // what triggered it; nothing: a call of the API
  std::string status = "queued";          // queued | running | waiting | completed | failed | cancelled
  std::optional<std::string> position{};  // the node to execute next
  Json state = Json::object();            // variables, waits
  std::int64_t revision = 0;              // moves with every commit
  std::int64_t steps = 0;
  std::optional<RunId> replay_of{};
  std::optional<Time> due_at{};
  std::optional<Complaint> error{};
  Time created_at{};
  std::optional<Time> started_at{};
  std::optional<Time> ended_at{};
  Time updated_at{};
};

// {id, workflowId, workflowName, workflowVersion, conversationId, contactId, triggerMessageId, status,
// error: {code, message}|null, stepCount, replayOf, startedAt, endedAt, durationMs, createdAt, updatedAt}
Json to_json(const Run& run);

std::optional<Run> find_run(sql::Connection& connection, TenantId tenant, RunId id);
// What is done next in a conversation: the run under way, else the oldest queued one. One that waits is neither.
std::optional<Run> next_run(sql::Connection& connection, TenantId tenant, ConversationId conversation);
// Something is queued, running or waiting.
bool has_runs(sql::Connection& connection, TenantId tenant, ConversationId conversation);
// Those that wait, for a reply or a time; the newest 50, oldest first.
std::vector<Run> waiting_runs(sql::Connection& connection, TenantId tenant, ConversationId conversation);
// Runs that messages of the contact started behind `since`, less those refused for being too many; and those that calls
// of the API started with it. Replays are neither. Counts to 1,000.
std::int64_t recent_runs(sql::Connection& connection, TenantId tenant, ContactId contact, Time since);
std::int64_t recent_calls(sql::Connection& connection, TenantId tenant, ContactId contact, Time since);

inline constexpr std::string_view kTooManyRuns = "too_many_runs";

// Inserts and counts it. False, and nothing written, when its message has a run already (replays may be many).
bool insert_run(sql::Connection& connection, const Run& run);
// The CAS of laws 5 and 7: writes status, position, state, steps, due_at, error, started_at, ended_at and moves the
// revision, if the run still stands at run.revision in that conversation; one that ends is counted (run_counts.h).
// False: someone else was faster.
bool advance_run(sql::Connection& connection, const Run& run, Time now);
struct RunPlace {
  TenantId tenant{};
  ConversationId conversation{};
};
// Ends one that has not ended: cancelled, with run.cancelled. False: it had ended, or there is none.
bool cancel_run(sql::Connection& connection, TenantId tenant, RunId id, const Complaint& why, Time now);
// Ends what is queued, running or waiting in the conversation, which the caller holds: cancelled, with run.cancelled.
void cancel_runs(sql::Connection& connection, const RunPlace& place, const Complaint& why, Time now);
// "run.started", "run.completed" …, with the run as the API shows it.
void tell_run(sql::Connection& connection, std::string_view type, const Run& run, Time now);

struct Step {
  TenantId tenant{};
  RunId run{};
  std::int64_t number = 0;  // from 1
  std::string node_id{};
  std::string node_type{};
  std::string status = "completed";  // running: a call to outside | waiting | completed | failed | cancelled
  Json input = Json::object();
  Json output = Json::object();
  Json usage{};                         // of a language model; null: none
  std::optional<std::string> handle{};  // the output taken
  std::optional<Complaint> error{};
  std::int64_t attempt = 1;
  Time started_at{};
  std::optional<Time> ended_at{};  // nothing: it waits or calls
};

// {id: number, runId, nodeId, nodeType, status, input, output, usage, handle, error: {code, message}|null, attempt,
// startedAt, endedAt, durationMs}
Json to_json(const Step& step);

void insert_step(sql::Connection& connection, const Step& step);
// Of one that waited or called: status, input, output, usage, handle, error, attempt and ended_at.
void update_step(sql::Connection& connection, const Step& step);
// Ends steps of the run that wait or call, with its end: cancelled or failed.
void close_steps(sql::Connection& connection, const Run& run, Time now);
std::optional<Step> find_step(sql::Connection& connection, TenantId tenant, RunId run, std::int64_t number);
// In the order they were executed.
std::vector<Step> list_steps(sql::Connection& connection, TenantId tenant, RunId run);

// What workflows sent to the contact behind `since`, newest first, 500 texts at most.
std::vector<std::string> recent_texts(sql::Connection& connection, TenantId tenant, ContactId contact, Time since);

}  // namespace waypost::store
