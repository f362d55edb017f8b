#include "workflow/new_run.h"

namespace waypost::workflow {

store::Run new_run(const store::PublishedWorkflow& workflow, const store::Conversation& conversation, Time now) {
  return {.tenant = conversation.tenant,
          .id = RunId::make(now),
          .workflow = workflow.id,
          .workflow_name = workflow.name,
          .version = workflow.version,
          .conversation = conversation.id,
          .contact = conversation.contact,
          .channel = conversation.channel,
          .status = "queued",
          .due_at = now,
          .created_at = now,
          .updated_at = now};
}

}  // namespace waypost::workflow
