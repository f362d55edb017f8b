// A message in the API's words: as JSON for answers, as text for events. Any thread.

#pragma once

#include <string>

#include "base/json.h"
#include "store/messages.h"

namespace waypost::store {

Json to_json(const Message& message);

// What a message says by itself, whatever place it gets: its members, as text without braces.
std::string own_text(const Message& message);

// The payload of its events, as text: {"message": …}, equal to to_json() of it. What was prepared is taken as it is.
std::string payload_of(const Message& message);

// Its content, as JSON text.
std::string content_text_of(const Message& message);

}  // namespace waypost::store
