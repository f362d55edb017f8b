// The workflows of a workspace as people work with them: make, edit, publish, delete. Units of work: call them on a
// lane, by Database::write. Errors: NotFound (also another workspace's), InvalidInput and Rejected with fields.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "store/workflows.h"

namespace waypost::workflow {

inline constexpr std::string_view kInvalidGraph = "invalid_graph";

// The draft of a new workflow: one inbound-message trigger, so that it can be published as it is.
Json first_draft();

// InvalidInput for an empty or too long name (200 characters). Pure.
Result<void> check_name(const std::string& name);
Result<store::Workflow> create_workflow(sql::Connection& connection, TenantId tenant, std::string name, Time now);

struct WorkflowEdit {
  std::optional<std::string> name{};
  std::optional<std::int64_t> priority{};
};
Result<store::Workflow> edit_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id,
                                      const WorkflowEdit& edit, Time now);

// A draft may be unfinished. InvalidInput when it is no object with `nodes` and `edges`, or too large (graph.h).
Result<store::Workflow> save_draft(sql::Connection& connection, TenantId tenant, WorkflowId id, Json graph, Time now);

struct Publication {
  TenantId tenant{};
  WorkflowId workflow{};
  std::optional<UserId> by{};
};
// Copies the draft to a new version that runs from now on. Rejected with code invalid_graph and every fault of the
// draft as a field ("nodes.2.data.body").
Result<store::Workflow> publish_workflow(sql::Connection& connection, const Publication& publication, Time now);

// Nothing starts it any more, until it is published again; runs under way end as they would have. One that is not
// published stays as it is.
Result<store::Workflow> unpublish_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id, Time now);

struct VersionName {
  TenantId tenant{};
  WorkflowId workflow{};
  std::int64_t version = 0;
};
// A version's graph becomes the draft, whatever the draft was.
Result<store::Workflow> restore_version(sql::Connection& connection, const VersionName& name, Time now);

// Messages start it no more; runs under way end as they would have.
Result<void> delete_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id, Time now);

}  // namespace waypost::workflow
