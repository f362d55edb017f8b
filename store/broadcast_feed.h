// How a broadcast goes out: its waiting recipients become messages, one transaction each, never more than a few
// thousand ahead of the sender. What is waiting is what the rows say, so that a daemon killed anywhere forgets nobody;
// a row and its message change together, so that nobody is taken twice. Lane only.

#pragma once

#include <optional>
#include <vector>

#include "store/broadcasts.h"
#include "store/outbox.h"
#include "store/recipient_key.h"
#include "store/tenants.h"

namespace waypost::store {

// Rows of a channel's broadcasts that are not out yet: no more are made while there are as many.
inline constexpr std::int64_t kMostAhead = 2'000;

struct FeedPlan {
  std::optional<BroadcastStop> stop{};  // none may be made now
  struct Next {
    ContactId contact{};
    std::optional<ConversationId> conversation{};  // where there is one: whose lane to use
  };
  std::vector<Next> next{};  // at most `most`, and what there is room for
  bool is_over = false;      // nobody waits and all are out; only a hint
};
// What is next for a broadcast that is `sending`.
FeedPlan plan_feed(sql::Connection& connection, const Broadcast& broadcast, std::int64_t most, Time now);

// What of its surroundings stops it now, and whatever else would.
std::optional<BroadcastStop> stop_of_broadcast(sql::Connection& connection, const Broadcast& broadcast, Time now);

struct FedRecipient {
  std::optional<Message> message{};  // signal QueueName::Sends for its bulk stream after the commit
};
// Makes the waiting recipient's message, or leaves them out with the reason: what store/outbox.h refuses,
// missing_parameter, no_contact, no_address, group. Nothing to do where the row does not wait any more, where the
// contact was merged into another recipient, where a message to be sent again has gone out after all.
FedRecipient feed_recipient(sql::Connection& connection, const RecipientKey& key, const AcceptRules& rules, Time now);
// A fault of ours: everybody else goes on.
void leave_out(sql::Connection& connection, const RecipientKey& key, std::string_view reason, Time now);

// Nobody waits and all are out: it is completed. False: it is not, or not `sending`.
bool finish_broadcast(sql::Connection& connection, const Broadcast& seen, Time now);
// It stops by itself. False: it is not under way any more.
bool stop_broadcast(sql::Connection& connection, const Broadcast& seen, const BroadcastStop& stop, Time now);
// Its time has come. False: it is not scheduled any more, or later now.
bool start_scheduled(sql::Connection& connection, const Broadcast& seen, Time now);

// The conversations in which it has messages that are not out: whom a resume or a cancel concerns.
std::vector<ConversationId> conversations_ahead(sql::Connection& connection, const Broadcast& broadcast);
// Those messages are good for so long again: what rested does not expire for it.
void renew_validity(sql::Connection& connection, const Broadcast& broadcast, milliseconds validity, Time now);

}  // namespace waypost::store
