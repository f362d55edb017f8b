// Workflows: one mutable draft and immutable published versions. Lane only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"

namespace waypost::store {

struct Workflow {
  TenantId tenant{};
  WorkflowId id{};
  std::string name{};
  Json draft = Json::object();
  std::optional<std::int64_t> published_version{};
  std::int64_t last_version = 0;
  bool has_changes = true;    // the draft differs from the published version
  std::int64_t priority = 0;  // of two that match a message the higher one runs, then the older
  Time created_at{};
  Time updated_at{};
};

// {id, name, status: draft|published, draftGraph, publishedVersion, hasUnpublishedChanges, priority, createdAt,
// updatedAt}
Json to_json(const Workflow& workflow);

// A new one with its id, unpublished.
Workflow insert_workflow(sql::Connection& connection, Workflow workflow, Time now);
// Deleted ones are not found.
std::optional<Workflow> find_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id);
// The same for a unit that changes it: nobody else does until this unit's end.
std::optional<Workflow> lock_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id);
// All of the workspace, newest first.
std::vector<Workflow> list_workflows(sql::Connection& connection, TenantId tenant);
// Writes name, draft, has_changes and priority of a workflow from lock_workflow(). False when it is not there.
bool update_workflow(sql::Connection& connection, const Workflow& workflow, Time now);
// Soft: its runs and versions stay readable. False when it is not there.
bool delete_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id, Time now);

struct Publishing {
  std::optional<UserId> by{};
  Json trigger{};  // of the draft: {"id", "type", "config"}
};
// Copies the draft to the next version, makes that the published one and leaves workflow.published. `workflow` is from
// lock_workflow(): two that publish at once make two versions. Checks nothing: workflow/catalogue.h does.
Workflow publish_draft(sql::Connection& connection, Workflow workflow, const Publishing& publishing, Time now);

struct PublishedWorkflow {
  WorkflowId id{};
  std::string name{};
  std::int64_t version = 0;
  Json trigger{};  // {"id", "type", "config"}: what starts it
};
// By priority, then oldest.
std::vector<PublishedWorkflow> published_workflows(sql::Connection& connection, TenantId tenant);
bool has_published(sql::Connection& connection, TenantId tenant);
bool is_published(sql::Connection& connection, TenantId tenant, WorkflowId id, std::int64_t version);

// The graph of a version, also of a deleted workflow.
std::optional<Json> graph_of_version(sql::Connection& connection, TenantId tenant, WorkflowId id, std::int64_t version);

}  // namespace waypost::store
