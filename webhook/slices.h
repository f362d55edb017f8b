// Slices: the envelope around one update alone, which read_payload reads again as the same. What a dead letter keeps.
// Pure; any thread.

#pragma once

#include <string>
#include <string_view>

#include "webhook/payload.h"

namespace waypost {

Json envelope(const UpdateOrigin& origin, std::string_view field, Json value);
Json envelope_of_entry(Json entry);
// `whole`: an envelope around what cannot be read.
Malformed malformed(UpdateOrigin origin, std::string_view words, const Json& whole);

// Where a message stood in its value.
struct MessageFrame {
  std::string_view list{};        // "messages" …
  const Json* contact = nullptr;  // the customer's entry of contacts[]
  const Json* thread = nullptr;   // of the history: instead of the list
  std::string business_digits{};  // of the history: by them the business's own messages are told from the customer's
};
Json value_around(Json message, const MessageFrame& frame);

}  // namespace waypost
