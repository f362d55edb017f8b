// Shared: what all handlers of the Api share, and the two shapes of a handler. Constant after construction but for the
// parts that say "Any thread". Any loop.

#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>

#include "api/answers.h"
#include "api/api.h"
#include "api/callers.h"
#include "api/password_pool.h"
#include "api/rate_limits.h"
#include "api/token_quotas.h"
#include "bridge/hub.h"
#include "store/outbox.h"

namespace waypost::api {

struct Shared {
  explicit Shared(ApiParts given)
      : parts(std::move(given)),
        database(*parts.database),
        clock(*parts.clock),
        keyring(*parts.keyring),
        settings(*parts.settings),
        hub(database) {}

  ApiParts parts;
  sql::Database& database;
  const Clock& clock;
  const Keyring& keyring;
  const Settings& settings;
  RateLimits limits;
  TokenQuotas token_quotas;
  PasswordPool passwords;
  bridge::Hub hub;
  std::atomic<bool> reingesting = false;  // any thread; one at a time (replay_routes.cc)

  store::AcceptRules accept_rules() const {
    return {.window_margin = settings.sending.window_margin, .validity = settings.sending.validity};
  }
};

// A request of a known caller.
struct Call {
  Request request{};
  Caller caller{};
  Time now{};
};

using Work = awaitable<Result<Response>> (*)(Shared&, Call);
using OpenWork = awaitable<Result<Response>> (*)(Shared&, Request);

// The {id} of the path. NotFound when it is no UUID: nothing can have it.
template <class IdType>
Result<IdType> path_id(const RequestHead& head, std::string_view name = "id") {
  const auto id = IdType::parse(head.param(name));
  if (!id) return not_found();
  return *id;
}

// The value as an answer, or its error.
inline Result<Response> respond(int status, Result<Json> body) {
  if (!body) return fail(std::move(body).error());
  return answer(status, *body);
}

}  // namespace waypost::api
