// What a gateway can send: Meta's kinds of messages with their limits, as a table of types. The content is kept in
// Meta's own shape: what stands behind its type in POST /{number}/messages. Pure; any thread.
// Source: Meta, "Send messages" and the page of each kind; the facts' sections 3.4 and 3.5.
//
//   text   image audio video document sticker   location   contacts   reaction   interactive   template   pin
//
// Where Meta's pages name no limit, the shape is looked at and the rest is Meta's to judge. A type or an interactive
// type that is not in the tables is refused: nobody could say which of its members are needed.

#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "conversation/part.h"
#include "conversation/split_text.h"

namespace waypost {

// Also of an interactive body; a list's may be as long as a text (kTextCharacters).
inline constexpr std::size_t kCaptionCharacters = 1'024;

struct SendContent {
  std::string type{};
  Json content{};
  std::optional<std::string> text{};  // what a person reads of it in a list; nothing where there are no words
};

bool is_sendable(std::string_view type);

// Reads `content` as the part behind `type`; `path` stands before every fault's path. Every fault, or the content with
// a template's language as Meta has it ("en_US" becomes {"code": "en_US"}).
std::expected<SendContent, PartFaults> read_send_content(std::string_view type, Json content, const std::string& path);

// The text, a caption, a template's name, the body of an interactive message, the name of a place or a card.
std::optional<std::string> preview_of(std::string_view type, const Json& content);

}  // namespace waypost
