// The world outside as it is: HTTP servers and language models. Loop only.

#pragma once

#include <memory>

#include "base/crypto.h"
#include "config/settings.h"
#include "net/client.h"
#include "sql/database.h"
#include "workflow/outside.h"

namespace waypost::workflow {

struct OutsideParts {
  HttpClient& http;  // that connects to no address which the settings do not allow
  sql::Database& database;
  const Keyring& keyring;
  OutsideSettings rules{};
};

// What it is made of outlives it.
std::unique_ptr<Outside> make_outside(const OutsideParts& parts);

}  // namespace waypost::workflow
