#include "workflow/api_start.h"

#include <utility>

#include "store/contacts.h"
#include "store/locks.h"
#include "store/workflow_versions.h"
#include "workflow/trigger_data.h"

namespace waypost::workflow {
namespace {

std::unexpected<Error> rejected(std::string code, std::string words) {
  return fail(Error(ErrorKind::Rejected, std::move(words)).with_code(std::move(code)));
}

std::vector<FieldError> missing_variables(const store::PublishedWorkflow& workflow, const Json& data) {
  const Json* config = find(workflow.trigger, "config");
  return config != nullptr ? data_faults(*config, data) : std::vector<FieldError>();
}

store::Run new_run(const ApiStart& start, const store::Conversation& conversation, Time now) {
  return {.tenant = start.tenant,
          .id = RunId::make(now),
          .workflow = start.workflow.id,
          .workflow_name = start.workflow.name,
          .version = start.workflow.version,
          .conversation = conversation.id,
          .contact = conversation.contact,
          .channel = conversation.channel,
          .status = "queued",
          .state = {{"trigger", {{"data", start.data}}}},
          .due_at = now,
          .created_at = now,
          .updated_at = now};
}

}  // namespace

Result<store::PublishedWorkflow> callable_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id,
                                                   const Json& data) {
  if (!store::find_workflow(connection, tenant, id)) return fail(ErrorKind::NotFound, "there is no such workflow");
  auto workflow = store::published_workflow(connection, tenant, id);
  if (!workflow) return rejected("not_published", "the workflow is not published");
  if (text_or_empty(workflow->trigger, "type") != kApiTrigger)
    return rejected("not_api_trigger", "the workflow's trigger is another: a call does not start it");
  if (auto missing = missing_variables(*workflow, data); !missing.empty()) {
    return fail(Error(ErrorKind::Rejected, "the workflow needs variables that are not given")
                    .with_code("missing_variables")
                    .with_fields(std::move(missing)));
  }
  return *std::move(workflow);
}

Result<ApiStarted> start_by_api(sql::Connection& connection, const ApiStart& start, Time now) {
  const auto conversation = store::lock_surviving_conversation(connection, start.tenant, start.conversation);
  if (!conversation) return fail(ErrorKind::NotFound, "there is no such conversation");
  const auto contact = store::find_contact(connection, start.tenant, conversation->contact);
  if (contact && contact->opted_out) return rejected("opted_out", "the contact has opted out of messages");
  ApiStarted started{.run = new_run(start, *conversation, now)};
  store::insert_run(connection, started.run);
  started.signal = {.queue = QueueName::Runs, .key = {.owner = start.tenant, .key = conversation->id}};
  return started;
}

}  // namespace waypost::workflow
