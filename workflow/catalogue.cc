#include "workflow/catalogue.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "store/ai_settings.h"
#include "store/workflow_versions.h"
#include "workflow/ai_faults.h"
#include "workflow/graph.h"
#include "workflow/graph_faults.h"

namespace waypost::workflow {
namespace {

constexpr std::size_t kNameCharacters = 200;

std::unexpected<Error> not_found() { return fail(ErrorKind::NotFound, "there is no such workflow"); }

// Against the published version, so that taking a change back makes it clean again.
bool differs_from_published(sql::Connection& connection, const store::Workflow& workflow) {
  if (!workflow.published_version) return true;
  const auto published = store::graph_of_version(connection, workflow.tenant, workflow.id, *workflow.published_version);
  return !published || *published != workflow.draft;
}

std::vector<FieldError> missing_ai(sql::Connection& connection, TenantId tenant, const Graph& graph) {
  return asks_ai(graph) ? ai_faults(graph, store::has_ai(connection, tenant)) : std::vector<FieldError>();
}

Result<store::Workflow> written(sql::Connection& connection, store::Workflow workflow, Time now) {
  if (!store::update_workflow(connection, workflow, now)) return not_found();
  workflow.updated_at = now;
  return workflow;
}

}  // namespace

Result<void> check_name(const std::string& name) {
  const auto characters = count_characters(trimmed(name));
  if (characters >= 1 && characters <= kNameCharacters) return {};
  return fail(Error(ErrorKind::InvalidInput, "Validation failed")
                  .with_field("name", characters == 0 ? "String must contain at least 1 character(s)"
                                                      : "String must contain at most 200 character(s)"));
}

Json first_draft() {
  return {
      {"nodes", {{{"id", "trigger_1"}, {"type", "trigger.inbound_message"}, {"position", {{"x", 400}, {"y", 100}}}}}},
      {"edges", Json::array()},
      {"entry", "trigger_1"}};
}

Result<store::Workflow> create_workflow(sql::Connection& connection, TenantId tenant, std::string name, Time now) {
  if (auto checked = check_name(name); !checked) return fail(checked.error());
  return store::insert_workflow(connection,
                                {.tenant = tenant, .name = std::string(trimmed(name)), .draft = first_draft()}, now);
}

Result<store::Workflow> edit_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id,
                                      const WorkflowEdit& edit, Time now) {
  if (edit.name) {
    if (auto checked = check_name(*edit.name); !checked) return fail(checked.error());
  }
  auto workflow = store::lock_workflow(connection, tenant, id);
  if (!workflow) return not_found();
  if (edit.name) workflow->name = std::string(trimmed(*edit.name));
  workflow->priority = edit.priority.value_or(workflow->priority);
  return written(connection, *std::move(workflow), now);
}

Result<store::Workflow> save_draft(sql::Connection& connection, TenantId tenant, WorkflowId id, Json graph, Time now) {
  auto faults = draft_faults(graph);
  if (!faults.empty()) return fail(Error(ErrorKind::InvalidInput, "Validation failed").with_fields(std::move(faults)));
  auto workflow = store::lock_workflow(connection, tenant, id);
  if (!workflow) return not_found();
  workflow->draft = std::move(graph);
  workflow->has_changes = differs_from_published(connection, *workflow);
  return written(connection, *std::move(workflow), now);
}

Result<store::Workflow> publish_workflow(sql::Connection& connection, const Publication& publication, Time now) {
  auto workflow = store::lock_workflow(connection, publication.tenant, publication.workflow);
  if (!workflow) return not_found();
  const auto graph = read_graph(workflow->draft);
  auto faults = publish_faults(graph);
  std::ranges::move(missing_ai(connection, publication.tenant, graph), std::back_inserter(faults));
  if (!faults.empty()) {
    return fail(Error(ErrorKind::Rejected, "the workflow's graph is not valid")
                    .with_code(std::string(kInvalidGraph))
                    .with_fields(std::move(faults)));
  }
  const Node& trigger = *graph.find(graph.entry);
  return store::publish_draft(
      connection, *std::move(workflow),
      {.by = publication.by, .trigger = {{"id", trigger.id}, {"type", trigger.type}, {"config", trigger.config}}}, now);
}

Result<store::Workflow> unpublish_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id, Time now) {
  auto workflow = store::lock_workflow(connection, tenant, id);
  if (!workflow) return not_found();
  if (!workflow->published_version) return *std::move(workflow);
  return store::unpublish(connection, *std::move(workflow), now);
}

Result<store::Workflow> restore_version(sql::Connection& connection, const VersionName& name, Time now) {
  auto workflow = store::lock_workflow(connection, name.tenant, name.workflow);
  if (!workflow) return not_found();
  auto graph = store::graph_of_version(connection, name.tenant, name.workflow, name.version);
  if (!graph) return fail(ErrorKind::NotFound, "there is no such version");
  workflow->draft = *std::move(graph);
  workflow->has_changes = differs_from_published(connection, *workflow);
  return written(connection, *std::move(workflow), now);
}

Result<void> delete_workflow(sql::Connection& connection, TenantId tenant, WorkflowId id, Time now) {
  if (!store::delete_workflow(connection, tenant, id, now)) return not_found();
  return {};
}

}  // namespace waypost::workflow
