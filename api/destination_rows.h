// What a destination (destination.h) is in the store: the number that sends, the contact, their conversation; what is
// not there yet is made. Lane only. Errors: InvalidInput with the field that is to blame.

#pragma once

#include <optional>

#include "api/destination.h"
#include "base/error.h"
#include "sql/connection.h"

namespace waypost::api {

// The workspace's number that was asked for, or its only one.
Result<ChannelId> channel_of(sql::Connection& connection, TenantId tenant, const std::optional<ChannelId>& asked);
// The person's conversation on that number; a person nobody knows becomes a contact.
Result<ConversationId> open_conversation_with(sql::Connection& connection, TenantId tenant, const Person& person,
                                              Time now);

}  // namespace waypost::api
