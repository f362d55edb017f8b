#include "store/triggers.h"

namespace waypost::store {

void insert_trigger(sql::Connection& connection, const Trigger& trigger) {
  static const sql::Insertion kInto("run_trigger", "tenant_id, conversation_id, seq, message_id, created_at");
  connection.insert(kInto, {trigger.tenant, trigger.conversation, trigger.seq, trigger.message, trigger.created_at});
}

std::vector<Trigger> pending_triggers(sql::Connection& connection, TenantId tenant, ConversationId conversation,
                                      std::size_t most) {
  std::vector<Trigger> triggers;
  const auto rows = connection.run(
      "SELECT seq, message_id, created_at FROM run_trigger WHERE tenant_id = $1 AND conversation_id = $2 ORDER BY seq "
      "LIMIT $3",
      {tenant, conversation, static_cast<std::int64_t>(most)});
  for (const auto row : rows) {
    triggers.push_back({.tenant = tenant,
                        .conversation = conversation,
                        .seq = row.number(0),
                        .message = row.id<MessageId>(1),
                        .created_at = row.time(2)});
  }
  return triggers;
}

// The message is named too: a merge may have given the place to another.
bool take_trigger(sql::Connection& connection, const Trigger& trigger) {
  return connection
             .run(
                 "DELETE FROM run_trigger WHERE tenant_id = $1 AND conversation_id = $2 AND seq = $3 AND message_id = "
                 "$4",
                 {trigger.tenant, trigger.conversation, trigger.seq, trigger.message})
             .changed() > 0;
}

void drop_triggers(sql::Connection& connection, TenantId tenant, ConversationId conversation, std::int64_t last) {
  connection.run("DELETE FROM run_trigger WHERE tenant_id = $1 AND conversation_id = $2 AND seq <= $3",
                 {tenant, conversation, last});
}

void drop_unwanted_triggers(sql::Connection& connection, TenantId tenant, ConversationId conversation) {
  connection.run(
      "DELETE FROM run_trigger WHERE tenant_id = $1 AND conversation_id = $2 AND NOT EXISTS (SELECT 1 FROM workflow "
      "WHERE workflow.tenant_id = $1 AND workflow.published_version IS NOT NULL AND workflow.deleted_at IS NULL) AND "
      "NOT EXISTS (SELECT 1 FROM run WHERE run.tenant_id = $1 AND run.conversation_id = $2 AND (run.status = "
      "'queued' OR run.status = 'running' OR run.status = 'waiting'))",
      {tenant, conversation});
}

}  // namespace waypost::store
