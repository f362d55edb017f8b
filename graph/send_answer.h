// What one exchange of POST /{number}/messages showed. Pure; any thread.
//
// Only a proof of rejection counts as refused: an error that Meta's table calls one, or an exchange of which nothing
// left. Everything else that is not an acceptance (timeouts, resets, 5xx, answers that cannot be read) is unclear: the
// customer may have the message, and Meta has no idempotency key (law 8).

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/error.h"
#include "base/json.h"
#include "graph/error_table.h"
#include "net/client.h"

namespace waypost {

struct Accepted {
  std::string wamid{};
  std::optional<std::string> wa_id{};  // digits; Meta may rewrite numbers of Brazil, Mexico and Argentina
};
struct Refused {
  Error why;
  GraphAction action = GraphAction::Fail;  // never Unknown
  std::optional<std::int64_t> code{};      // Meta's; nothing when nothing left
  std::optional<std::chrono::milliseconds> retry_after{};
};
struct Unclear {
  Error why;
  std::optional<std::int64_t> code{};
};
using SendAnswer = std::variant<Accepted, Refused, Unclear>;

// The answer and its redacted trace: method, path, status, error code, fbtrace_id, duration. No token, no text.
struct SendExchange {
  SendAnswer answer{Unclear{.why = Error(ErrorKind::Internal, "no exchange")}};
  Json trace = Json::object();
};

SendAnswer read_send_answer(const std::expected<Response, ExchangeFailure>& exchange);

}  // namespace waypost
