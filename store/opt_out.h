// Opt-out in the store: what a stop or start word (conversation/opt_out.h) does in the unit that applies its message:
//
//   stop    the confirmation is queued, then the contact is opted out, its runs end, what waits to start one is dropped
//   start   the confirmation is queued, then the contact is opted in; to one that is not opted out it is any message
//
// Neither starts a run. A word older than the last one changes nothing. Lane only.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "conversation/opt_out.h"
#include "store/contacts.h"
#include "store/inbound.h"

namespace waypost::store {

// The workspaces' rules, each read once. One transaction's.
class OptOutBook {
 public:
  const OptOutRules& rules_of(sql::Connection& connection, TenantId tenant);
  std::optional<OptWord> word_in(sql::Connection& connection, const Inbound& inbound);

 private:
  std::map<TenantId, OptOutRules> rules_{};
};

// A word and who said it, as the contact stood before; held.
struct HeardWord {
  OptWord word = OptWord::Stop;
  std::string spoken{};
  Contact contact{};
  bool is_last = false;

  bool is_command() const { return word == OptWord::Stop || contact.opted_out; }
  bool changes() const { return is_last && contact.opted_out != (word == OptWord::Stop); }
};

// Before the message gets its place. Holds the contact, and its conversations when what is under way in them will end.
HeardWord hear_word(sql::Connection& connection, const Message& message, OptWord word);

struct Heeding {
  const OptOutRules& rules;
  Time now{};
};
// Behind the message's own row. True: a confirmation is queued in the message's conversation.
bool heed_word(sql::Connection& connection, const Message& message, const HeardWord& heard, const Heeding& how);

// Who opted a contact out or in: "contact" by a message, else "user" or "api".
struct OptCause {
  std::string_view by{};
  std::optional<MessageId> message{};
};
// The caller holds the contact and has written it. Where it opts out: ends its runs, and leaves nothing that would
// start one. Leaves contact.opted_out or contact.opted_in; nothing where `before` stood the same.
void settle_opting(sql::Connection& connection, const Contact& before, const Contact& after, const OptCause& cause);

}  // namespace waypost::store
