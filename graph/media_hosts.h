// Media hosts: from where files are fetched, which is who sees an access token. Pure; any thread.

#pragma once

#include <string>
#include <vector>

#include "net/url.h"

namespace waypost {

// The Graph API's own origin, as the settings name it; else TLS only, and a host of the list ("host", or "host:port"
// where the port is not 443). Everything else is refused: an address comes from outside, and could name anything.
bool may_see_token(const Url& url, const std::string& graph_base_url, const std::vector<std::string>& hosts);

}  // namespace waypost
