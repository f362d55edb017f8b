// Reply: a customer's message as nodes read it that wait for one (cause.h). Pure; any thread.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"

namespace waypost::workflow {

// Words for what a customer answers with: "text", "button" (a button or a row chosen, of whichever message), "image",
// "video", "audio", "document", "sticker", "location", "contacts", "order", "flow" (a form filled in). A kind that is
// none of these keeps Meta's own word.
std::span<const std::string_view> reply_kinds();
bool is_reply_kind(std::string_view word);

// {"type": a word as above, "text": text or null, "choice": {"id", "title"} or null, "content": the part behind the
// message's type}. `type`, `text` and `content` as a message is stored: `content` is all that Meta sent of it. Reads
// any shape.
Json reply_of(std::string_view type, const std::optional<std::string>& text, const Json& content);

// Of such a reply: {"text", "type", "id", "title"}, what {{reply.…}} reads. The id and the title are null where nothing
// was chosen.
Json reply_variables(const Json& reply);

// Does a message of this stored type count as `word`? A "button" is also "interactive".
bool is_of_kind(std::string_view type, std::string_view word);

}  // namespace waypost::workflow
