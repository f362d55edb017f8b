// Inbound: applies one message of a customer in one unit, once: seen id, contact, conversation and window, message,
// trigger, event; held sends are let go. Lane only.
//
// A known contact's message takes six statements on SQLite; a new one, a merge or a changed profile a few more. On
// PostgreSQL, where each is a round trip, what many messages of a lane need to know is asked for at once:
//
//   seen ids, people ─▶ places of a run of known people's messages ─▶ each message by itself, with what is known of it
//

#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "conversation/identity.h"
#include "conversation/message_mark.h"
#include "store/messages.h"

namespace waypost::store {

// One message, read. `message` brings tenant, channel, type, text, content, wamid, happened_at and reply_to.
struct Inbound {
  std::string phone_number_id{};
  Sighting sender{};
  std::optional<IdentityChange> change{};  // the message says that the sender has other ids now
  std::optional<MessageMark> mark{};       // what it says about another message
  bool is_referred = false;                // it came from an ad
  std::optional<std::string> spoken{};     // its folded words, where they may be a stop or start word
  Message message{};
};

struct Received {
  bool fresh = false;                   // false: it was applied before, and nothing was written
  std::vector<ConversationId> runs{};   // conversations whose runs are to be offered after the commit
  std::vector<ConversationId> sends{};  // and whose sends are
};

Received receive_message(sql::Connection& connection, const Inbound& inbound, Time now);
// Several in their order, as if each were received by itself. Nothing in `inbounds` is null.
std::vector<Received> receive_messages(sql::Connection& connection, std::span<const Inbound* const> inbounds, Time now);

// Where the people of `shown` stand: the contact, made, completed or merged as the aliases say. `touched`: the
// conversations that a merge brought together.
struct Recognised {
  ContactId contact{};
  bool opted_out = false;
  bool merged = false;
  std::vector<ConversationId> touched{};
};
Recognised recognise(sql::Connection& connection, const Inbound& inbound, Time now);
// Of many at once those about whom their message says nothing new; nothing is written. PostgreSQL only.
std::vector<std::optional<Recognised>> recognise_known(sql::Connection& connection,
                                                       std::span<const Inbound* const> inbounds);

}  // namespace waypost::store
