// Which messages start a published workflow. Pure; any thread.

#pragma once

#include <string_view>

#include "base/json.h"

namespace waypost::workflow {

// Of a customer's message that starts runs at all (conversation/message_kind.h).
struct TriggerFacts {
  std::string_view type{};  // as it is stored: "text", "interactive" …
  std::string_view text{};  // its words, also a caption or a button's title; empty: none
  bool is_new_contact = false;
};

// `trigger` is {"id", "type", "config"} of the published version. A trigger by API or by test starts with no message.
bool starts(const Json& trigger, const TriggerFacts& facts);

// Must somebody find out whether the contact is new before starts() is asked?
bool asks_for_new_contact(const Json& trigger);

}  // namespace waypost::workflow
