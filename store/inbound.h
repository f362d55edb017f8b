// Inbound: applies one message of a customer in one unit, once: seen id, contact, conversation and window, message,
// trigger, event; held sends are let go. Lane only.
//
// A known contact's message takes seven statements; a new one, a merge or a changed profile a few more.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conversation/identity.h"
#include "store/messages.h"

namespace waypost::store {

// One message, read. `message` brings tenant, channel, type, text, content, wamid, happened_at and reply_to.
struct Inbound {
  std::string phone_number_id{};
  Sighting sender{};
  std::optional<IdentityChange> change{};  // the message says that the sender has other ids now
  Message message{};
};

struct Received {
  bool fresh = false;                   // false: it was applied before, and nothing was written
  std::vector<ConversationId> runs{};   // conversations whose runs are to be offered after the commit
  std::vector<ConversationId> sends{};  // and whose sends are
};

Received receive_message(sql::Connection& connection, const Inbound& inbound, Time now);

// Where the people of `shown` stand: the contact, made, completed or merged as the aliases say. `touched`: the
// conversations that a merge brought together.
struct Recognised {
  ContactId contact{};
  bool opted_out = false;
  std::vector<ConversationId> touched{};
};
Recognised recognise(sql::Connection& connection, const Inbound& inbound, Time now);

}  // namespace waypost::store
