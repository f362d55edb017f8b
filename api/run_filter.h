// RunFilter of a request: ?status&workflowId&version&contactId&from&to. Pure; any thread.

#pragma once

#include "base/error.h"
#include "net/http.h"
#include "store/run_list.h"

namespace waypost::api {

// InvalidInput with the field that is to blame. `from` and `to` are in ISO 8601, UTC; `to` is not of the span any more.
Result<store::RunFilter> read_run_filter(const RequestHead& head);

}  // namespace waypost::api
