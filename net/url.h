// Where a request goes: the origin that a connection belongs to, and the target on its first line. Any thread.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace waypost {

struct Origin {
  bool tls = false;
  std::string host;  // without brackets; empty for a unix socket
  std::uint16_t port = 0;
  std::string unix_path;

  // What connections are pooled by.
  std::string key() const;
  // The value of the Host header.
  std::string authority() const;
};

struct Url {
  Origin origin;
  std::string target;  // "/v25.0/106/messages?x=1", never empty
};

// "https://host[:port]/target", "http://…" or "unix:/run/waypost/admin.sock:/target". InvalidInput otherwise, also for
// user names in a URL. The words never repeat the URL: its query may hold a token.
Result<Url> parse_url(std::string_view text);

// Where a redirect leads: its Location as read at `base`, whole or relative (RFC 3986, section 5). InvalidInput when
// one of them is malformed; whether it can be asked is parse_url's.
Result<std::string> resolved_url(std::string_view base, std::string_view location);

}  // namespace waypost
