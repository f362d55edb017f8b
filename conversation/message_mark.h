// What a message says about an earlier one: a reaction, an edit, a revoke. The one spoken of is named by its wamid, and
// may come later than what is said of it. Pure; any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace waypost {

enum class MarkKind { Reaction, Edit, Revoke };
std::string_view name_of(MarkKind kind);  // "reaction", "edit", "revoke": Meta's types
std::optional<MarkKind> mark_kind(std::string_view name);

struct MessageMark {
  MarkKind kind = MarkKind::Reaction;
  std::string wamid{};                // of the message spoken of
  std::optional<std::string> text{};  // the emoji (nothing: taken back), or the new text
};

// Nothing for all other messages, and where no message is named.
std::optional<MessageMark> mark_of(const Json& message);

}  // namespace waypost
