// What Meta tells of calls between a customer and a business number. Pure; any thread.
// Source: Meta, calls webhook; the facts' section 1.7. A call's words come in any order; the furthest says its state.
//
//   connect ─▶ connecting    RINGING ─▶ ringing    REJECTED ─▶ rejected    ACCEPTED ─▶ accepted    terminate ─▶ ended

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "conversation/identity.h"

namespace waypost {

struct CallNews {
  std::string call_id{};
  std::string word{};  // Meta's: connect, terminate, RINGING, call_recording_available …
  Time at{};
  Sighting person{};                     // the customer; may be nobody
  std::string direction{};               // in | out; "" where it does not say
  std::optional<std::string> outcome{};  // completed, failed
  std::optional<Time> started_at{};
  std::optional<Time> ended_at{};
  std::optional<std::int64_t> duration_s{};
};

// Of value.calls and value.statuses; those that cannot be read say nothing.
std::vector<CallNews> call_news_of(const Json& value);

// "connecting" …; "" for words that are no state.
std::string_view call_state(std::string_view word);
// Whether a call that stands at `present` ("" for none) stands at `next` after it was said.
bool outranks(std::string_view next, std::string_view present);
// Our call that the customer takes opens the service window, as a call of the customer's does.
bool is_acceptance(const CallNews& news);

}  // namespace waypost
