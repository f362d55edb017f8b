#include "workflow/api_start.h"

#include <utility>

#include "store/contacts.h"
#include "store/locks.h"
#include "store/workflow_versions.h"
#include "workflow/new_run.h"
#include "workflow/trigger_data.h"

namespace waypost::workflow {
namespace {

std::unexpected<Error> rejected(std::string code, std::string words) {
  return fail(Error(ErrorKind::Rejected, std::move(words)).with_code(std::move(code)));
}

std::unexpected<Error> too_many_runs(std::int64_t most) {
  return fail(
      Error(ErrorKind::RateLimited, "the contact has " + std::to_string(most) + " runs by calls of the last minute")
          .with_code(std::string(store::kTooManyRuns)));
}

std::vector<FieldError> missing_variables(const store::PublishedWorkflow& workflow, const Json& data) {
  const Json* config = find(workflow.trigger, "config");
  return config != nullptr ? data_faults(*config, data) : std::vector<FieldError>();
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
  const auto recent =
      store::recent_calls(connection, start.tenant, conversation->contact, now - std::chrono::minutes(1));
  if (recent >= start.runs_per_minute) return too_many_runs(start.runs_per_minute);
  ApiStarted started{.run = new_run(start.workflow, *conversation, now)};
  started.run.state = {{"trigger", {{"data", start.data}}}};
  store::insert_run(connection, started.run);
  started.signal = {.queue = QueueName::Runs, .key = {.owner = start.tenant, .key = conversation->id}};
  return started;
}

}  // namespace waypost::workflow
