// Redirects: what is asked next when a server says "not here". Pure; any thread.

#pragma once

#include "base/error.h"
#include "net/http.h"
#include "workflow/outside_call.h"

namespace waypost::workflow {

// 301, 302, 303, 307 or 308, with a Location.
bool is_redirect(const Response& answer);

// 301, 302 and 303 become a GET without a body (a HEAD stays one), 307 and 308 ask the same again. To another origin
// (host, port or scheme) goes neither the credential nor a header whose name speaks of a secret. InvalidInput when the
// Location is malformed, or neither http nor https.
Result<HttpCall> redirected(const HttpCall& asked, const Response& answer);

}  // namespace waypost::workflow
