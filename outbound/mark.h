// Marks: "read" and "typing…" for a customer's message. They may repeat (law 8), so that they are posted at once, once,
// and leave no row. Loop only.

#pragma once

#include "base/crypto.h"
#include "graph/client.h"
#include "store/channels.h"

namespace waypost {

// Errors: Rejected, Meta's words or a token that cannot be opened; RateLimited and Unavailable may pass later;
// Unauthorised, Meta refuses the token. All outlive the call.
awaitable<Result<void>> post_mark(GraphClient& graph, const Keyring& keyring, store::Channel channel, Json mark);

}  // namespace waypost
