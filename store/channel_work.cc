#include "store/channel_work.h"

#include "store/messages.h"

namespace waypost::store {
namespace {

std::vector<WorkKey> keys_of(const sql::Rows& rows, TenantId tenant, WorkQueue queue) {
  std::vector<WorkKey> keys;
  for (const auto row : rows) {
    keys.push_back(
        {.tenant = tenant, .queue = queue, .conversation = row.id<ConversationId>(0), .stream = row.text(1)});
  }
  return keys;
}

}  // namespace

// The states are those of the index message_pending, word for word, so that it is used.
std::vector<WorkKey> sends_of_channel(sql::Connection& connection, TenantId tenant, ChannelId channel,
                                      std::size_t most) {
  return keys_of(connection.run("SELECT conversation_id, stream, min(due_at) FROM message WHERE tenant_id = $1 AND "
                                "(state = 'queued' OR state = 'sending' OR state = 'unknown' OR state = 'held') AND "
                                "state = 'queued' AND channel_id "
                                "= $2 AND due_at < $3 GROUP BY conversation_id, stream ORDER BY 3 LIMIT $4",
                                {tenant, channel, kHeldAfterRestore, static_cast<std::int64_t>(most)}),
                 tenant, WorkQueue::Sends);
}

std::vector<WorkKey> runs_of_channel(sql::Connection& connection, TenantId tenant, ChannelId channel,
                                     std::size_t most) {
  const auto limit = static_cast<std::int64_t>(most);
  auto keys =
      keys_of(connection.run("SELECT DISTINCT t.conversation_id, 'reply' FROM run_trigger AS t JOIN conversation "
                             "AS c ON c.tenant_id = t.tenant_id AND c.id = t.conversation_id WHERE t.tenant_id "
                             "= $1 AND c.channel_id = $2 LIMIT $3",
                             {tenant, channel, limit}),
              tenant, WorkQueue::Runs);
  const auto running = keys_of(
      connection.run("SELECT DISTINCT conversation_id, 'reply' FROM run WHERE tenant_id = $1 AND (status = 'queued' OR "
                     "status = 'running' OR status = 'waiting') AND status <> 'waiting' AND channel_id = $2 LIMIT $3",
                     {tenant, channel, limit}),
      tenant, WorkQueue::Runs);
  keys.insert(keys.end(), running.begin(), running.end());
  return keys;
}

}  // namespace waypost::store
