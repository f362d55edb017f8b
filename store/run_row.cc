#include "store/run_row.h"

namespace waypost::store {

const std::string& select_runs() {
  static const std::string kText =
      "SELECT run.tenant_id, run.id, run.workflow_id, workflow.name, run.workflow_version, run.conversation_id, "
      "run.contact_id, run.channel_id, run.message_id, run.status, run.position, run.state, run.revision, run.steps, "
      "run.replay_of, run.due_at, run.error_code, run.error, run.created_at, run.started_at, run.ended_at, "
      "run.updated_at FROM run LEFT JOIN workflow ON workflow.tenant_id = run.tenant_id AND workflow.id = "
      "run.workflow_id ";
  return kText;
}

std::optional<Complaint> read_complaint(const sql::Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return Complaint{.code = row.text(column), .words = row.maybe_text(column + 1).value_or("")};
}

Run read_run(const sql::Row& row) {
  return {.tenant = row.id<TenantId>(0),
          .id = row.id<RunId>(1),
          .workflow = row.id<WorkflowId>(2),
          .workflow_name = row.maybe_text(3).value_or(""),
          .version = row.number(4),
          .conversation = row.id<ConversationId>(5),
          .contact = row.id<ContactId>(6),
          .channel = row.id<ChannelId>(7),
          .message = row.maybe_id<MessageId>(8),
          .status = row.text(9),
          .position = row.maybe_text(10),
          .state = row.json(11),
          .revision = row.number(12),
          .steps = row.number(13),
          .replay_of = row.maybe_id<RunId>(14),
          .due_at = row.maybe_time(15),
          .error = read_complaint(row, 16),
          .created_at = row.time(18),
          .started_at = row.maybe_time(19),
          .ended_at = row.maybe_time(20),
          .updated_at = row.time(21)};
}

std::vector<Run> read_runs(const sql::Rows& rows) {
  std::vector<Run> runs;
  for (const auto row : rows) runs.push_back(read_run(row));
  return runs;
}

}  // namespace waypost::store
