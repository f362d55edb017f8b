// The forms in which a message is asked for, and the one decision which of them a request has. All become Meta's
// content. Pure; any thread.
//
//   {"type": T, "content": Meta's part}                    Content
//   {"type": T, T: Meta's part}                            Meta: a body as it goes to Meta
//   {"body" | "text": "…", "previewUrl"?}                  the rest are Short, by type: what people write by hand
//   {"type": "image" …, "uploadId" | "link" | "mediaId", "caption"?, "filename"?, "voice"?}
//   {"type": "location", "latitude", "longitude", "name"?, "address"?}
//   {"type": "reaction", "to" | "messageId", "emoji"}
//   {"type": "template", "name", "language", "parameters"?, "header"?, "buttons"?} or with Meta's "components"
//   {"type": "interactive", "body", "header"?, "footer"?, and one of "buttons", "list", "url"}
//
// A member that belongs to another form than the one chosen makes the request unclear: it is refused, never guessed at.
// Members that belong to no form (outsideWindow, replyTo …) are none of this file's business.

#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "conversation/part.h"
#include "conversation/send_content.h"

namespace waypost {

enum class SendForm { Content, Meta, Short };

struct ChosenForm {
  SendForm form = SendForm::Short;
  std::string type{};
};
// Every fault: no such type, members of several forms.
std::expected<ChosenForm, PartFaults> choose_form(const Json& request);

inline constexpr std::size_t kLongTextCharacters = 65'536;

// What `request` asks to be sent, with Meta's limits kept: one content, or of a text of more than kTextCharacters (at
// most kLongTextCharacters) its parts in order. The faults name the request's own members.
std::expected<std::vector<SendContent>, PartFaults> read_send(const Json& request);

}  // namespace waypost
