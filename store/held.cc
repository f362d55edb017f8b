#include "store/held.h"

#include "store/messages.h"

namespace waypost::store {

// The index of pending messages is partial: its condition must stand here word for word.
bool release_held(sql::Connection& connection, TenantId tenant, ConversationId conversation, Time now) {
  const auto rows = connection.run(
      "UPDATE message SET state = 'queued', due_at = CASE WHEN due_at = $4 THEN due_at ELSE $3 END, updated_at = $3 "
      "WHERE tenant_id = $1 AND conversation_id = $2 AND (state = 'queued' OR state = 'sending' OR state = 'unknown' "
      "OR state = 'held') AND state = 'held' RETURNING id",
      {tenant, conversation, now, kHeldAfterRestore});
  connection.run("UPDATE conversation SET may_hold = $3 WHERE tenant_id = $1 AND id = $2",
                 {tenant, conversation, false});
  for (const auto row : rows) {
    const auto released = find_message(connection, tenant, row.id<MessageId>(0));
    if (released) tell_state(connection, *released, now);
  }
  return !rows.empty();
}

}  // namespace waypost::store
