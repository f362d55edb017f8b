// The bytes of a client's request. No I/O. Any thread.

#pragma once

#include <string>

#include "base/error.h"
#include "net/client.h"
#include "net/url.h"

namespace waypost {

// Head and body, but for one that is given piece by piece. Host, Content-Length, Transfer-Encoding and Connection are
// ours and left out of the caller's headers. InvalidInput when the method or a header could begin a line of its own.
Result<std::string> request_text(const ClientRequest& request, const Url& url);

}  // namespace waypost
