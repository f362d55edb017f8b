#include "store/workflow_versions.h"

#include <string>
#include <utility>

#include "base/or_null.h"
#include "store/events.h"

namespace waypost::store {
namespace {

WorkflowVersion read_version(const sql::Row& row, const Workflow& workflow) {
  const auto version = row.number(0);
  return {.workflow = workflow.id,
          .version = version,
          .published_by = row.maybe_id<UserId>(1),
          .published_at = row.time(2),
          .is_published = workflow.published_version == version};
}

// Without the graph: an event is read by many who do not draw it.
void tell_unpublished(sql::Connection& connection, const Workflow& workflow, Time now) {
  Json shown = to_json(workflow);
  shown.erase("draftGraph");
  const std::string payload = dump({{"workflow", std::move(shown)}});
  append_event(connection, workflow.tenant,
               {.type = "workflow.unpublished", .conversation = std::nullopt, .payload = payload}, now);
}

}  // namespace

Json to_json(const WorkflowVersion& version) {
  return {{"version", version.version},
          {"publishedAt", iso8601(version.published_at)},
          {"publishedBy", or_null(version.published_by)},
          {"isPublished", version.is_published}};
}

std::vector<WorkflowVersion> list_versions(sql::Connection& connection, const Workflow& workflow, const Page& page) {
  std::vector<WorkflowVersion> versions;
  const auto rows = connection.run(
      "SELECT version, published_by, published_at FROM workflow_version WHERE tenant_id = $1 AND workflow_id = $2 "
      "ORDER BY version DESC LIMIT $3 OFFSET $4",
      {workflow.tenant, workflow.id, page.limit, page.offset});
  for (const auto row : rows) versions.push_back(read_version(row, workflow));
  return versions;
}

std::optional<WorkflowVersion> find_version(sql::Connection& connection, const Workflow& workflow,
                                            std::int64_t version) {
  const auto rows = connection.run(
      "SELECT version, published_by, published_at FROM workflow_version WHERE tenant_id = $1 AND workflow_id = $2 AND "
      "version = $3",
      {workflow.tenant, workflow.id, version});
  if (rows.empty()) return std::nullopt;
  return read_version(rows.front(), workflow);
}

std::optional<PublishedWorkflow> published_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id) {
  const auto rows = connection.run(
      "SELECT name, published_version, trigger FROM workflow WHERE tenant_id = $1 AND id = $2 AND published_version IS "
      "NOT NULL AND deleted_at IS NULL",
      {tenant, id});
  if (rows.empty()) return std::nullopt;
  const auto row = rows.front();
  return PublishedWorkflow{.id = id, .name = row.text(0), .version = row.number(1), .trigger = row.json(2)};
}

Workflow unpublish(sql::Connection& connection, Workflow workflow, Time now) {
  workflow.published_version.reset();
  workflow.has_changes = true;
  workflow.updated_at = now;
  connection.run(
      "UPDATE workflow SET published_version = NULL, trigger = NULL, has_changes = $3, updated_at = $4 WHERE tenant_id "
      "= $1 AND id = $2",
      {workflow.tenant, workflow.id, workflow.has_changes, now});
  tell_unpublished(connection, workflow, now);
  return workflow;
}

}  // namespace waypost::store
