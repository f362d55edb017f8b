// What an HTTP request signs in with, opened: it lives as long as one call. Pure; any thread.

#pragma once

#include <string>
#include <vector>

#include "base/secret.h"
#include "net/url.h"
#include "store/credentials.h"
#include "workflow/outside_call.h"

namespace waypost::workflow {

struct HttpCredential {
  store::CredentialKind kind = store::CredentialKind::Bearer;
  std::string parameter{};  // the user, the header's or the query parameter's name
  Secret secret{};
  std::vector<std::string> hosts{};
};

// Whether the credential may be shown there: its hosts are none, or name it, with or without the port.
bool may_go_to(const HttpCredential& credential, const Origin& origin);

// The call with the secret in it: not for logs, steps or errors. It stands in for a header of the same name.
HttpCall signed_call(HttpCall call, const HttpCredential& credential);

}  // namespace waypost::workflow
