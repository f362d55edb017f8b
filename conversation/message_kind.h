// What the kinds of inbound messages mean: whether they start runs, and how they read as plain text. Every kind is kept
// whole beside that. Pure; any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace waypost {

inline constexpr std::string_view kUnsupported = "unsupported";

// Reactions, edits, revokes and system messages say something about other messages; unsupported ones say nothing, and
// a call is no message.
bool starts_runs(std::string_view message_type);

// The kind under which a message is kept: Meta's word, or "unsupported" where it has none.
std::string kind_of(const Json& message);

// A flow's answers come as a text that holds JSON: nfm_reply.response_json. Puts them beside it as `answers`, where
// they are an object; and takes them away again.
void parse_answers(Json& message);
void drop_answers(Json& message);
// A kind of Meta's that came after us is kept under Meta's word and shown as unsupported, until we know it.
bool is_known_kind(std::string_view message_type);
std::string_view shown_kind(std::string_view message_type);

// The plain text of a message as Meta sent it: what the customer wrote, chose or shared; nothing where there is none
// (a picture without a caption). Reads any shape.
std::optional<std::string> plain_text(const Json& message);

}  // namespace waypost
