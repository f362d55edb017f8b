// HttpCaller: carries out one try of an HTTP node's call: opens its credential, follows redirects, reads the answer.
// The store and the keyring are asked anew for each call. Loop only; it outlives its calls.
//
// Which addresses may be asked is the client's to say (ClientSettings::may_connect): every redirect is a new ask of it.

#pragma once

#include <chrono>

#include "base/crypto.h"
#include "config/settings.h"
#include "net/client.h"
#include "sql/database.h"
#include "workflow/http_credential.h"
#include "workflow/outside.h"

namespace waypost::workflow {

struct HttpCallerParts {
  HttpClient& http;  // a guarded one
  sql::Database& database;
  const Keyring& keyring;
  OutsideSettings rules{};  // max_kib and max_redirects; the counts of calls are the caller's to hold
};

class HttpCaller {
 public:
  explicit HttpCaller(HttpCallerParts parts) : parts_(std::move(parts)) {}

  // Ends within the timeout, redirects and all. Failures' codes: bad_url, no_credential (gone, not to be opened, or not
  // for this host), http_refused_address, http_too_large, timeout, http_failed. A status is an answer, whichever it is.
  awaitable<OutsideTry> ask(TenantId tenant, HttpCall call, std::chrono::milliseconds timeout);

 private:
  using Steady = std::chrono::steady_clock::time_point;
  struct Way;

  awaitable<OutsideTry> follow(HttpCall call, Way& way);
  awaitable<std::expected<HttpCredential, OutsideTry>> opened(TenantId tenant, CredentialId id);
  ClientRequest request_of(const HttpCall& call, const Way& way) const;

  HttpCallerParts parts_;
};

}  // namespace waypost::workflow
