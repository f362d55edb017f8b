// Calls: what Meta tells of calls with customers (conversation/call_news.h), one row a call. That a call connected also
// stands in its conversation, as a message of type "call". Lane only.

#pragma once

#include <vector>

#include "conversation/call_news.h"
#include "store/channels.h"

namespace waypost::store {

// Whatever the order of a call's words, the row ends the same. A customer's yes to our call opens the service window.
// The conversations that have something to do now.
std::vector<ConversationId> apply_call_news(sql::Connection& connection, const Channel& channel, const CallNews& news,
                                            Time now);

// {"callId","direction","state","outcome","startedAt","endedAt","durationSeconds"}, oldest first.
Json calls_of(sql::Connection& connection, TenantId tenant, ConversationId conversation);

}  // namespace waypost::store
