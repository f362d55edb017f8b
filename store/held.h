// Held messages: outside the service window, until the customer writes. Lane only.

#pragma once

#include "sql/connection.h"

namespace waypost::store {

// Queues them with their old sequence; the caller holds the conversation. True: there were some, so its sends are to be
// offered.
bool release_held(sql::Connection& connection, TenantId tenant, ConversationId conversation, Time now);

}  // namespace waypost::store
