// ApiStart: another system starts a run of a workflow whose trigger is trigger.api. Lane only.

#pragma once

#include "base/error.h"
#include "base/json.h"
#include "queue/signals.h"
#include "sql/connection.h"
#include "store/runs.h"
#include "store/workflows.h"

namespace waypost::workflow {

inline constexpr std::size_t kTriggerDataBytes = 32 * 1024;  // of the call's data, as written
inline constexpr std::string_view kApiTrigger = "trigger.api";

// The published workflow, if a call with this data may start it. NotFound: there is no such workflow. Rejected, with
// code: not_published; not_api_trigger; missing_variables, with each as a field ("data.orderId").
Result<store::PublishedWorkflow> callable_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id,
                                                   const Json& data);

struct ApiStart {
  TenantId tenant{};
  store::PublishedWorkflow workflow{};  // of callable_workflow(), in the same unit
  ConversationId conversation{};        // with whom the run is
  Json data = Json::object();           // {{trigger.data}}
  std::int64_t runs_per_minute = 30;    // with a contact, that calls may start
};
struct ApiStarted {
  store::Run run{};  // queued, without a message
  Signal signal{};   // to be offered after the commit
};
// Rejected, opted_out: nothing is sent to that contact. RateLimited, too_many_runs: the contact's minute is full; a
// flow that calls its own trigger ends here. NotFound: the conversation is gone.
Result<ApiStarted> start_by_api(sql::Connection& connection, const ApiStart& start, Time now);

}  // namespace waypost::workflow
