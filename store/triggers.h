// Triggers: inbound messages that no run has taken yet. The applier writes one with its message; workflow/ takes it.
// Lane only.

#pragma once

#include <cstdint>
#include <vector>

#include "sql/connection.h"

namespace waypost::store {

struct Trigger {
  TenantId tenant{};
  ConversationId conversation{};
  std::int64_t seq = 0;  // the message's
  MessageId message{};
  Time created_at{};
};

void insert_trigger(sql::Connection& connection, const Trigger& trigger);
// By sequence.
std::vector<Trigger> pending_triggers(sql::Connection& connection, TenantId tenant, ConversationId conversation,
                                      std::size_t most);
// False: another worker took it.
bool take_trigger(sql::Connection& connection, const Trigger& trigger);
// Those up to and with `last`.
void drop_triggers(sql::Connection& connection, TenantId tenant, ConversationId conversation, std::int64_t last);
// All of the conversation, if at this moment its workspace has nothing published and the conversation has no run under
// way.
void drop_unwanted_triggers(sql::Connection& connection, TenantId tenant, ConversationId conversation);

}  // namespace waypost::store
