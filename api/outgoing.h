// Outgoing: what a request asks to be sent, as a message that is not queued yet. Pure; any thread.
//
//   {"body" | "text": "…"}                                             a text
//   {"type": "template", "content": {"name", "language", "components"?}}   any of Meta's types, with the part behind it
//   and: "outsideWindow"?, "replyTo"?, "externalId"?

#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "net/http.h"
#include "store/messages.h"

namespace waypost::api {

inline constexpr std::size_t kMostTextCharacters = 4'096;  // Meta's limit of text.body

struct Outgoing {
  store::Message message{};            // type, text, content, policy, external_id
  std::optional<MessageId> answers{};  // replyTo, when it is an id of ours; a wamid stands in message.reply_to
};

// InvalidInput with fields.
Result<Outgoing> read_outgoing(const Request& request);

// What a person reads of it in a list: the text, a caption, a template's name; nothing where there are no words.
std::optional<std::string> preview_of(std::string_view type, const Json& content);

}  // namespace waypost::api
