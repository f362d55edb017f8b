// What a caller that only reads can do about an error of the Graph API. Pure; any thread.

#pragma once

#include "base/error.h"
#include "graph/graph_error.h"

namespace waypost {

// RateLimited and Unavailable may pass later, Unauthorised wants a token, Rejected is for good.
Error graph_failure(int http_status, const GraphError& error);

}  // namespace waypost
