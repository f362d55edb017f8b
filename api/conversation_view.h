// Conversations as the API shows them: the row, with its contact and channel in short and whether the window is open.
// Lane only.

#pragma once

#include "base/json.h"
#include "store/conversations.h"

namespace waypost::api {

struct ViewRules {
  Time now{};
  milliseconds window_margin{60'000};
};

// store::to_json with "contact": {id, name, phone, waId, tags, optedOut}, "channel": {id, name, displayPhoneNumber}
// (null when gone), "windowOpen" and "window": {open, opensAt, expiresAt, freeEntryPoint: {opensAt, expiresAt} or
// null}.
Json conversation_view(sql::Connection& connection, const store::Conversation& conversation, const ViewRules& rules);

}  // namespace waypost::api
