// Free entry points in the store: the messages that came from an ad, and what statuses said of free entry. What window
// they make is decided when somebody asks (conversation/free_entry_point.h). Few conversations have any. Lane only.

#pragma once

#include <optional>

#include "conversation/free_entry_point.h"
#include "sql/connection.h"
#include "store/conversations.h"
#include "store/messages.h"

namespace waypost::store {

// The customer's message came from an ad. The caller holds the conversation.
void note_referral(sql::Connection& connection, const Message& message);
// A status of the message, which the caller holds, says that it was in a free entry point window.
void note_free_entry(sql::Connection& connection, const Message& message, const FreeEntryWord& word);

std::optional<FreeEntryWindow> free_entry_of(sql::Connection& connection, const Conversation& conversation);

// A merge: what was noted of the conversation that goes is the survivor's.
void bring_free_entries(sql::Connection& connection, const Conversation& survivor, const Conversation& lost);

}  // namespace waypost::store
