// The header Idempotency-Key of a request. Pure; any thread.

#pragma once

#include <optional>

#include "base/json.h"
#include "net/http.h"
#include "store/idempotency.h"

namespace waypost::api {

inline constexpr std::string_view kReplayedHeader = "Idempotent-Replayed";

// Nothing without the header. InvalidInput: more than one, or not 1 to 255 visible ASCII characters. The hash is of
// method, path and parsed body, so that neither white space nor the order of members makes another request.
Result<std::optional<store::RequestKey>> read_request_key(TenantId tenant, const Request& request, const Json& body);

}  // namespace waypost::api
