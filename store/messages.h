// Messages: inbound as Meta sent them, outbound with all that sending needs. Lane only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "conversation/message_state.h"
#include "conversation/message_via.h"
#include "conversation/window.h"
#include "sql/connection.h"
#include "store/conversations.h"

namespace waypost::store {

// The due time of what waits until an operator speaks (store/restored_sends.h): 9999-12-31T23:59:59Z.
inline constexpr Time kHeldAfterRestore = Time(milliseconds(253'402'300'799'000));

struct Failure {
  std::string reason{};                // of failure_reasons()
  std::optional<std::int64_t> code{};  // Meta's
  std::string words{};
};

// Parts of a message as JSON text, made by whoever has more time than the lane: the applier. With them `content` may be
// left out. Empty: the lane makes them.
struct PreparedText {
  std::string content{};
  std::string own{};  // own_text() of store/message_json.h
};

struct Message {
  TenantId tenant{};
  MessageId id{};
  ConversationId conversation{};
  std::int64_t seq = 0;
  ChannelId channel{};
  ContactId contact{};
  bool outbound = false;
  std::string type = "text";
  std::optional<std::string> text{};
  Json content = Json::object();
  PreparedText prepared{};
  MessageState state = MessageState::Received;
  std::optional<std::string> wamid{};
  Time happened_at{};
  std::optional<std::string> reply_to{};
  std::string author = "contact";  // contact | user | api | workflow | broadcast | fallback | opt_out | app
  MessageVia via = MessageVia::Own;
  std::optional<ContactId> participant{};  // of a group: who wrote it; `contact` is the group
  std::optional<UserId> author_id{};
  std::string stream = "reply";  // out: reply | bulk
  std::optional<WindowPolicy> policy{};
  std::optional<RunId> run{};
  std::optional<std::string> node_id{};
  std::optional<BroadcastId> broadcast{};
  std::optional<std::string> external_id{};
  std::optional<MessageId> part_of{};  // of a text in several parts: the first one; null in that and in whole ones
  std::optional<Time> due_at{};
  std::optional<Time> expires_at{};
  std::int64_t attempt = 0;
  std::int64_t failures = 0;
  std::optional<Time> attempt_at{};
  std::optional<MessageId> replaces{};
  std::optional<MessageId> replaced_by{};
  std::optional<Failure> failure{};
  Json exchange{};  // redacted; null: none yet
  Json pricing{};   // store/pricing.h; null: Meta has not said
  Json heard{};     // out: when each of Meta's words came to us first, ms: {"sent", "delivered" …}; null: none yet
  std::optional<Time> received_at{};   // in: when its webhook was journalled
  std::optional<JournalId> journal{};  // in: where
  std::optional<Time> accepted_at{};
  std::optional<Time> sent_at{};
  std::optional<Time> delivered_at{};
  std::optional<Time> read_at{};
  std::optional<Time> failed_at{};
  Time created_at{};
  Time updated_at{};

  // Failed by our guess, which any word of Meta lifts.
  bool is_guess() const {
    return failure && (failure->reason == kOutcomeUnknown || (failure->reason == kDropped && attempt > 0) ||
                       failure->reason == kDroppedAfterRestore);
  }
};

std::optional<Message> find_message(sql::Connection& connection, TenantId tenant, MessageId id, Lock lock = Lock::None);
std::optional<Message> message_of_wamid(sql::Connection& connection, TenantId tenant, ChannelId channel,
                                        std::string_view wamid);
// The outbound message that a bridge gave this id of its own, in this channel.
std::optional<Message> message_of_external(sql::Connection& connection, TenantId tenant, ChannelId channel,
                                           std::string_view external_id);
// The parts of a long text behind its first one, in order.
std::vector<Message> later_parts(sql::Connection& connection, TenantId tenant, MessageId first);
// The customer's newest message in the conversation that came by WhatsApp.
std::optional<Message> newest_inbound(sql::Connection& connection, TenantId tenant, ConversationId conversation);
// The customer wrote nothing before it in its conversation, as far as that is kept.
bool is_first_inbound(sql::Connection& connection, const Message& message);
// By (happened_at, seq), newest first.
std::vector<Message> list_messages(sql::Connection& connection, TenantId tenant, ConversationId conversation,
                                   const Page& page);
// Outbound and not final, of one stream, by seq.
std::vector<Message> pending_messages(sql::Connection& connection, TenantId tenant, ConversationId conversation,
                                      std::string_view stream, std::size_t most);

// Inserts a message that has its id, conversation and seq; the caller has updated the conversation. No event.
void insert_message(sql::Connection& connection, const Message& message);

// Queues an outbound message: gives it id and sequence under the conversation's row, state queued (unless `message`
// says held), due at once, moves the conversation's last message, leaves message.queued. `message` brings type, text,
// content, author, policy, stream, run, node_id, reply_to, external_id, part_of, replaces, expires_at. A conversation
// that is merged or gone since it was read makes the unit run again.
Message queue_message(sql::Connection& connection, const Conversation& conversation, Message message, Time now);

// The event of a message that came to us: by the way it came, else by its state.
void tell_arrival(sql::Connection& connection, const Message& message, Time now);
// The message's event, named for its state ("message.delivered"), with the message as the API shows it.
void tell_state(sql::Connection& connection, const Message& message, Time now);

}  // namespace waypost::store
