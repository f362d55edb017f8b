#include "workflow/replay.h"

#include "store/conversations.h"
#include "store/messages.h"
#include "store/workflows.h"

namespace waypost::workflow {
namespace {

std::unexpected<Error> not_replayable(std::string words) {
  return fail(Error(ErrorKind::Rejected, std::move(words)).with_code("not_replayable"));
}

store::Run run_again(const store::Run& original, const store::Message& message, Time now) {
  return {.tenant = original.tenant,
          .id = RunId::make(now),
          .workflow = original.workflow,
          .workflow_name = original.workflow_name,
          .version = original.version,
          .conversation = message.conversation,
          .contact = message.contact,
          .channel = message.channel,
          .message = message.id,
          .status = "queued",
          .replay_of = original.id,
          .due_at = now,
          .created_at = now,
          .updated_at = now};
}

}  // namespace

// The message says which conversation it belongs to: a merge may have moved it since the run.
Result<Replay> replay_run(sql::Connection& connection, TenantId tenant, RunId original, Time now) {
  const auto run = store::find_run(connection, tenant, original);
  if (!run) return fail(ErrorKind::NotFound, "there is no such run");
  const auto message = store::find_message(connection, tenant, run->message);
  if (!message) return not_replayable("the message that started the run is gone");
  if (!store::graph_of_version(connection, tenant, run->workflow, run->version)) {
    return not_replayable("the version that the run executed is gone");
  }
  Replay replay{.run = run_again(*run, *message, now)};
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
