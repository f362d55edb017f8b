#include "workflow/replay.h"

#include "store/locks.h"
#include "store/messages.h"
#include "store/workflow_versions.h"
#include "workflow/new_run.h"

namespace waypost::workflow {
namespace {

std::unexpected<Error> not_replayable(std::string words) {
  return fail(Error(ErrorKind::Rejected, std::move(words)).with_code("not_replayable"));
}

// Of a run that a call of the API started: what it gave. Nothing else of a run's state is a beginning.
Json first_state(const store::Run& original) {
  const auto trigger = original.state.find("trigger");
  if (trigger == original.state.end()) return Json::object();
  return {{"trigger", *trigger}};
}

store::Run run_again(const store::Run& original, std::int64_t version, const store::Conversation& conversation,
                     Time now) {
  auto run = new_run({.id = original.workflow, .name = original.workflow_name, .version = version}, conversation, now);
  run.message = original.message;
  run.state = first_state(original);
  run.replay_of = original.id;
  return run;
}

Result<std::int64_t> version_of(sql::Connection& connection, const store::Run& original, ReplayVersion which) {
  switch (which) {
    case ReplayVersion::Original:
      if (!store::graph_of_version(connection, original.tenant, original.workflow, original.version))
        return not_replayable("the version that the run executed is gone");
      return original.version;
    case ReplayVersion::Latest:
      const auto published = store::published_workflow(connection, original.tenant, original.workflow);
      if (!published) return not_replayable("no version of the workflow is published");
      return published->version;
  }
}

// The message says which conversation it belongs to: a merge may have moved it since the run, and may be about to. A
// run without a message is moved with its conversation.
Result<ConversationId> conversation_of(sql::Connection& connection, const store::Run& original) {
  if (!original.message) return original.conversation;
  const auto message = store::find_message(connection, original.tenant, *original.message);
  if (!message) return not_replayable("the message that started the run is gone");
  return message->conversation;
}

}  // namespace

std::optional<ReplayVersion> replay_version_named(std::string_view name) {
  if (name == "original") return ReplayVersion::Original;
  if (name == "latest") return ReplayVersion::Latest;
  return std::nullopt;
}

Result<Replay> replay_run(sql::Connection& connection, const ReplayOrder& order, Time now) {
  const auto original = store::find_run(connection, order.tenant, order.original);
  if (!original) return fail(ErrorKind::NotFound, "there is no such run");
  const auto where = conversation_of(connection, *original);
  if (!where) return fail(where.error());
  const auto version = version_of(connection, *original, order.version);
  if (!version) return fail(version.error());
  const auto conversation = store::lock_surviving_conversation(connection, order.tenant, *where);
  if (!conversation) return not_replayable("the conversation of the run is gone");
  Replay replay{.run = run_again(*original, *version, *conversation, now)};
  store::insert_run(connection, replay.run);
  replay.signal = {.queue = QueueName::Runs, .key = {.owner = order.tenant, .key = replay.run.conversation}};
  return replay;
}

Json to_json(const Replay& replay) {
  return {{"ok", true},
          {"message", "Replay queued"},
          {"originalRunId", replay.run.replay_of->text()},
          {"jobId", replay.run.id.text()}};
}

}  // namespace waypost::workflow
