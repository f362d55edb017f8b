#include "store/workflows.h"

#include "sql/dialect.h"
#include "store/events.h"

namespace waypost::store {
namespace {

const std::string& select_workflows() {
  static const std::string kText =
      "SELECT tenant_id, id, name, draft, published_version, last_version, has_changes, priority, created_at, "
      "updated_at FROM workflow ";
  return kText;
}

Workflow read_workflow(const sql::Row& row) {
  return {.tenant = row.id<TenantId>(0),
          .id = row.id<WorkflowId>(1),
          .name = row.text(2),
          .draft = row.json(3),
          .published_version = row.maybe_number(4),
          .last_version = row.number(5),
          .has_changes = row.boolean(6),
          .priority = row.number(7),
          .created_at = row.time(8),
          .updated_at = row.time(9)};
}

std::optional<Workflow> read_one(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_workflow(rows.front());
}

// Without the graph: an event is read by many who do not draw it.
void tell_published(sql::Connection& connection, const Workflow& workflow, Time now) {
  Json shown = to_json(workflow);
  shown.erase("draftGraph");
  const std::string payload = dump({{"workflow", std::move(shown)}});
  append_event(connection, workflow.tenant,
               {.type = "workflow.published", .conversation = std::nullopt, .payload = payload}, now);
}

}  // namespace

Json to_json(const Workflow& workflow) {
  return {{"id", workflow.id.text()},
          {"name", workflow.name},
          {"status", workflow.published_version ? "published" : "draft"},
          {"draftGraph", workflow.draft},
          {"publishedVersion", workflow.published_version ? Json(*workflow.published_version) : Json()},
          {"hasUnpublishedChanges", workflow.has_changes},
          {"priority", workflow.priority},
          {"createdAt", iso8601(workflow.created_at)},
          {"updatedAt", iso8601(workflow.updated_at)}};
}

Workflow insert_workflow(sql::Connection& connection, Workflow workflow, Time now) {
  workflow.id = WorkflowId::make(now);
  workflow.created_at = workflow.updated_at = now;
  workflow.published_version.reset();
  workflow.last_version = 0;
  workflow.has_changes = true;
  connection.run(
      "INSERT INTO workflow (tenant_id, id, name, draft, last_version, has_changes, priority, created_at, updated_at) "
      "VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $7)",
      {workflow.tenant, workflow.id, workflow.name, sql::JsonText{dump(workflow.draft)}, workflow.has_changes,
       workflow.priority, now});
  return workflow;
}

std::optional<Workflow> find_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id) {
  static const std::string kText = select_workflows() + "WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";
  return read_one(connection.run(kText, {tenant, id}));
}

std::optional<Workflow> lock_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id) {
  const std::string text = select_workflows() + "WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL" +
                           std::string(sql::for_update(connection.engine()));
  return read_one(connection.run(text, {tenant, id}));
}

std::vector<Workflow> list_workflows(sql::Connection& connection, TenantId tenant) {
  static const std::string kText =
      select_workflows() + "WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY created_at DESC, id DESC";
  std::vector<Workflow> workflows;
  for (const auto row : connection.run(kText, {tenant})) workflows.push_back(read_workflow(row));
  return workflows;
}

bool update_workflow(sql::Connection& connection, const Workflow& workflow, Time now) {
  return connection
             .run(
                 "UPDATE workflow SET name = $3, draft = $4, has_changes = $5, priority = $6, updated_at = $7 "
                 "WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL",
                 {workflow.tenant, workflow.id, workflow.name, sql::JsonText{dump(workflow.draft)},
                  workflow.has_changes, workflow.priority, now})
             .changed() > 0;
}

bool delete_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id, Time now) {
  return connection
             .run(
                 "UPDATE workflow SET deleted_at = $3, updated_at = $3 WHERE tenant_id = $1 AND id = $2 AND "
                 "deleted_at IS NULL",
                 {tenant, id, now})
             .changed() > 0;
}

Workflow publish_draft(sql::Connection& connection, Workflow workflow, const Publishing& publishing, Time now) {
  const auto version = ++workflow.last_version;
  workflow.published_version = version;
  workflow.has_changes = false;
  workflow.updated_at = now;
  connection.run(
      "INSERT INTO workflow_version (tenant_id, workflow_id, version, graph, published_by, published_at) "
      "VALUES ($1, $2, $3, $4, $5, $6)",
      {workflow.tenant, workflow.id, version, sql::JsonText{dump(workflow.draft)}, publishing.by, now});
  connection.run(
      "UPDATE workflow SET published_version = $3, last_version = $3, has_changes = $4, updated_at = $5, trigger = $6 "
      "WHERE tenant_id = $1 AND id = $2",
      {workflow.tenant, workflow.id, version, false, now, sql::JsonText{dump(publishing.trigger)}});
  tell_published(connection, workflow, now);
  return workflow;
}

std::vector<PublishedWorkflow> published_workflows(sql::Connection& connection, TenantId tenant) {
  std::vector<PublishedWorkflow> published;
  const auto rows = connection.run(
      "SELECT id, name, published_version, trigger FROM workflow WHERE tenant_id = $1 AND published_version IS NOT "
      "NULL AND "
      "deleted_at IS NULL ORDER BY priority DESC, created_at, id",
      {tenant});
  for (const auto row : rows) {
    published.push_back(
        {.id = row.id<WorkflowId>(0), .name = row.text(1), .version = row.number(2), .trigger = row.json(3)});
  }
  return published;
}

bool has_published(sql::Connection& connection, TenantId tenant) {
  return !connection
              .run(
                  "SELECT 1 FROM workflow WHERE tenant_id = $1 AND published_version IS NOT NULL AND deleted_at IS "
                  "NULL LIMIT 1",
                  {tenant})
              .empty();
}

bool is_published(sql::Connection& connection, TenantId tenant, WorkflowId id, std::int64_t version) {
  return !connection
              .run(
                  "SELECT 1 FROM workflow WHERE tenant_id = $1 AND id = $2 AND published_version = $3 AND deleted_at "
                  "IS NULL",
                  {tenant, id, version})
              .empty();
}

std::optional<Json> graph_of_version(sql::Connection& connection, TenantId tenant, WorkflowId id,
                                     std::int64_t version) {
  const auto rows =
      connection.run("SELECT graph FROM workflow_version WHERE tenant_id = $1 AND workflow_id = $2 AND version = $3",
                     {tenant, id, version});
  if (rows.empty()) return std::nullopt;
  return rows.front().json(0);
}

}  // namespace waypost::store
