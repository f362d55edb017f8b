// Workflow versions: what was published of a workflow, each for good, and which of it messages start now. Lane only.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"
#include "store/page.h"
#include "store/workflows.h"

namespace waypost::store {

struct WorkflowVersion {
  WorkflowId workflow{};
  std::int64_t version = 0;
  std::optional<UserId> published_by{};  // nothing: by an API token
  Time published_at{};
  bool is_published = false;  // the one that runs now
};
// {"version", "publishedAt", "publishedBy", "isPublished"}
Json to_json(const WorkflowVersion& version);

// Newest first. There are `last_version` of them.
std::vector<WorkflowVersion> list_versions(sql::Connection& connection, const Workflow& workflow, const Page& page);
// Its graph: graph_of_version().
std::optional<WorkflowVersion> find_version(sql::Connection& connection, const Workflow& workflow,
                                            std::int64_t version);

// The version that runs now, with its trigger. Nothing: none is published, or the workflow is deleted.
std::optional<PublishedWorkflow> published_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id);

// Nothing starts the workflow any more; its runs under way end as they would. Leaves workflow.unpublished. `workflow`
// is from lock_workflow() and has a published version.
Workflow unpublish(sql::Connection& connection, Workflow workflow, Time now);

}  // namespace waypost::store
