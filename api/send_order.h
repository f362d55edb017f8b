// SendOrder: one request to send, carried out in one unit: whom it goes to, what was sent before with the same key or
// externalId, the rules of sending, the rows. Lane only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/destination.h"
#include "api/outgoing.h"
#include "store/idempotency.h"
#include "store/outbox.h"

namespace waypost::api {

struct SendOrder {
  TenantId tenant{};
  Destination to{};
  Outgoing outgoing{};
  std::optional<store::RequestKey> key{};  // of the header Idempotency-Key
  store::AcceptRules rules{};
  Time now{};
};

struct Sent {
  store::KeptAnswer answer{};
  bool replayed = false;                   // by its key; nothing was done
  std::optional<store::Message> queued{};  // the first of what is new; the caller offers its conversation
};

// Errors, nothing written: InvalidInput with fields, NotFound, Conflict (the externalId is another conversation's),
// Rejected as accept_message says; window_closed has a field kWindowEnd with the window's end or "".
Result<Sent> carry_out(sql::Connection& connection, const SendOrder& order);

inline constexpr std::string_view kWindowEnd = "windowExpiresAt";

}  // namespace waypost::api
