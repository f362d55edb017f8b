// A new API token: what a request asks for, and the making of it. Used by a workspace's admin and by the
// installation's. Any loop.

#pragma once

#include "api/input.h"
#include "api/shared.h"

namespace waypost::api {

// {"name", "role"?: agent | admin, "requestsPerMinute"?}, without its tenant. InvalidInput with fields.
Result<store::ApiToken> read_new_token(Input& input, std::int64_t usual_requests);
// The token as JSON with its secret under "token", which is shown this once.
awaitable<Result<Json>> make_token(Shared& shared, store::ApiToken token, Time now);

}  // namespace waypost::api
