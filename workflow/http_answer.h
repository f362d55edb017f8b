// What became of one try of an HTTP call: its answer as the node takes it, or why there is none, and whether another
// try may go better. Pure; any thread.

#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "net/client.h"
#include "workflow/outside.h"

namespace waypost::workflow {

// What may be asked twice without harm (RFC 9110, section 9.2.2).
bool is_idempotent(std::string_view method);

// How far a call had come when this answer, or none, came.
struct Asked {
  std::string_view method{};  // as the node asks: what is repeated
  bool has_acted = false;     // a server took the request, and sent on to where its result is
  bool is_over = false;       // the time is
  std::optional<Time> now{};  // for a Retry-After that is a date
};

// {"status", "headers": {lower-case name: value}, "body"}: JSON where its type says so or it reads as an object or a
// list, else text; null without one. What is no text becomes "(4096 bytes of image/png)".
Json answer_value(const Response& answer, std::string_view method);

// Repeated may be a 429 and a 503, for the server says that it did nothing, and of an idempotent method any 5xx.
OutsideTry answered_try(const Response& answer, const Asked& asked);
// Codes http_refused_address, http_too_large, timeout, http_failed. Repeated may be an idempotent method, and any when
// nothing of it was sent.
OutsideTry failed_try(const ExchangeFailure& failure, const Asked& asked);
// One that no repetition mends.
OutsideTry refused_try(std::string_view code, std::string words);

// Seconds, or a date (RFC 9110, section 10.2.3); at most a day.
std::optional<std::chrono::milliseconds> retry_after(const Headers& headers, std::optional<Time> now);

}  // namespace waypost::workflow
