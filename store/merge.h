// Merge: two contacts turned out to be one person. Lane only; the whole merge is part of the unit that found it out.

#pragma once

#include <vector>

#include "store/contacts.h"
#include "store/conversations.h"

namespace waypost::store {

// How long a send that was in flight in the conversation that goes may stay without an answer before it counts as
// unknown: the survivor's stream can have only one row that is sending.
inline constexpr std::chrono::seconds kMergedSendGrace{120};

struct SamePerson {
  TenantId tenant{};
  ContactId survivor{};
  ContactId lost{};
};

// `lost` becomes part of `survivor`: aliases, names and fields it lacks, tags, opt-outs, conversations. Where both have
// a conversation on a channel, the lost one's messages, triggers, runs and pending sends follow behind the survivor's
// sequence, in their order; of two windows the later end wins. Leaves contact.merged with both ids. Returns the
// survivor's conversations, whose runs and sends are to be offered. Holds both contacts and their conversations; when
// one of the contacts is merged or gone the unit runs again.
std::vector<ConversationId> merge_contacts(sql::Connection& connection, const SamePerson& person, Time now);

}  // namespace waypost::store
