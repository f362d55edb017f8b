// Destination: to whom a request sends: a conversation, or a person by number or user id. Pure; any thread.

#pragma once

#include <optional>
#include <variant>

#include "api/input.h"
#include "conversation/identity.h"

namespace waypost::api {

struct Person {
  std::optional<ChannelId> channel{};  // nothing: the workspace's only one
  Alias alias{};
};
using Destination = std::variant<ConversationId, Person>;

// Takes {"channelId"?, "to": "+49…" | "userId": "DE.…"} out of the input, so that what is left is the message.
// Complains of what is wrong. A number without "+" is refused: nobody could say which country's it is.
Person take_person(Input& input);

// Complains where the body names a recipient beside the conversation of the path.
void refuse_recipient(Input& input);

}  // namespace waypost::api
