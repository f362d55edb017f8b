#include "workflow/replay.h"

#include "store/locks.h"
#include "store/messages.h"
#include "store/workflows.h"

namespace waypost::workflow {
namespace {

std::unexpected<Error> not_replayable(std::string words) {
  return fail(Error(ErrorKind::Rejected, std::move(words)).with_code("not_replayable"));
}

store::Run new_run(const store::Run& original, const store::Conversation& conversation, Time now) {
  return {.tenant = original.tenant,
          .id = RunId::make(now),
          .workflow = original.workflow,
          .workflow_name = original.workflow_name,
          .version = original.version,
          .conversation = conversation.id,
          .contact = conversation.contact,
          .channel = conversation.channel,
          .message = original.message,
          .status = "queued",
          .replay_of = original.id,
          .due_at = now,
          .created_at = now,
          .updated_at = now};
}

}  // namespace

// The message says which conversation it belongs to: a merge may have moved it since the run, and may be about to.
Result<Replay> replay_run(sql::Connection& connection, TenantId tenant, RunId original, Time now) {
  const auto run = store::find_run(connection, tenant, original);
  if (!run) return fail(ErrorKind::NotFound, "there is no such run");
  const auto message = store::find_message(connection, tenant, run->message);
  if (!message) return not_replayable("the message that started the run is gone");
  if (!store::graph_of_version(connection, tenant, run->workflow, run->version)) {
    return not_replayable("the version that the run executed is gone");
  }
  const auto conversation = store::lock_surviving_conversation(connection, tenant, message->conversation);
  if (!conversation) return not_replayable("the conversation of the run is gone");
  Replay replay{.run = new_run(*run, *conversation, now)};
  store::insert_run(connection, replay.run);
  replay.signal = {.queue = QueueName::Runs, .key = {.owner = tenant, .key = replay.run.conversation}};
  return replay;
}

Json to_json(const Replay& replay) {
  return {{"ok", true},
          {"message", "Replay queued"},
          {"originalRunId", replay.run.replay_of->text()},
          {"jobId", replay.run.id.text()}};
}

}  // namespace waypost::workflow
