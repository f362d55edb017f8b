// Elsewhere: what people and other apps do in our conversations beside us, and how automation gives way to people: the
// WhatsApp Business app on the same number (coexistence), and apps that own the conversation for a while. Lane only.

#pragma once

#include "conversation/address_book.h"
#include "conversation/handover.h"
#include "store/channels.h"
#include "store/inbound.h"
#include "store/place.h"

namespace waypost::store {

// How long automation rests after a person wrote in the Business app; a workspace's setting
// `coexistence.echoPauseMinutes`.
inline constexpr std::chrono::minutes kEchoPause{60};
// The same after an agent wrote here; `automation.agentPauseMinutes`.
inline constexpr std::chrono::minutes kAgentPause{0};

// A person wrote in the Business app: messages of the customer before the pause is over start no run.
void pause_automation(sql::Connection& connection, const Message& echo, Time now);
// The same for what an agent sends through us, by the setting `automation.agentPauseMinutes`; without it automation
// goes on. Of any other author it does nothing. The caller holds the conversation's row.
void pause_for_agent(sql::Connection& connection, const Message& sent, Time now);

// Meta delivers a customer's messages to the app that owns the conversation, and copies to the others: each message
// says who owns it. `place` is where it stands.
void note_owner(sql::Connection& connection, const Message& message, const Place& place, Time now);
// When the customer's last message behind `at` came to us, by Meta's time: the conversation was ours then.
std::optional<Time> came_to_us_since(sql::Connection& connection, const Conversation& conversation, Time at);
// Where there is no such conversation yet, there is one now. The conversations that a merge of people has touched.
std::vector<ConversationId> apply_handover(sql::Connection& connection, const Channel& channel,
                                           const Handover& handover, Time now);

// A message that the history brought without its file, as it is now that `inbound` brings it. Nothing: there is none.
std::optional<Message> fill_placeholder(sql::Connection& connection, const Inbound& inbound, Time now);

std::vector<ConversationId> apply_book_entry(sql::Connection& connection, TenantId tenant, const BookEntry& entry,
                                             Time now);

}  // namespace waypost::store
