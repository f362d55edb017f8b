// Sending: the rows of one conversation stream as the sender sees them, and every step of an outbound message that a
// sender commits. Lane only. Each step is a CAS on the row's state and attempt: false (or nothing) means that somebody
// else moved the row first, and nothing was written. The trace of the exchange travels in the message given
// (Message::exchange).
//
//   begin_send        queued ─▶ sending      attempt + 1; only the one who committed it may POST
//   put_off_send      queued ─▶ queued       what must be done before it failed for now: due later
//   take_back         sending ─▶ queued      nothing was sent: too late for the POST
//   record_accepted   ─▶ accepted            or keeps the higher state that a status has brought, and the wamid
//   record_refused    ─▶ queued              provably not sent
//   record_rejected   ─▶ failed              the same, and for good
//   record_failed     ─▶ failed
//   record_unknown    ─▶ unknown             nobody knows
//   record_outside    ─▶ store/fallback.h    131047

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conversation/broadcast.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/fallback.h"
#include "store/files_at_meta.h"
#include "store/marketing.h"
#include "store/messages.h"

namespace waypost::store {

struct StreamKey {
  TenantId tenant{};
  ConversationId conversation{};
  std::string_view stream = "reply";
};

// One consistent snapshot.
struct SendView {
  Conversation conversation{};
  std::optional<Message> head{};     // the first by seq that is queued, sending or unknown
  std::optional<Message> lapsed{};   // a held one whose validity is over
  std::optional<Time> held_until{};  // when the next held one's validity ends
  std::optional<Channel> channel{};  // of the head
  std::optional<Contact> contact{};
  bool is_paused = false;                      // an operator has stopped the channel's sends
  std::optional<BroadcastStatus> broadcast{};  // that the head is of, but for a fallback's
  std::optional<MarketingBar> bar{};           // a marketing template, and the contact gets none now
  bool is_behind_failed_part = false;          // an earlier part of the head's text has failed or expired
  std::vector<SendFile> files{};               // of ours, that the head is to be sent with
  bool is_head_needless = false;  // a fallback not yet begun whose text will go out itself: the customer wrote
};
// Nothing when there is no such conversation.
std::optional<SendView> read_sends(sql::Connection& connection, const StreamKey& key, Time now);

// A queued one waits through no fault of its own: it is good until then at least.
void keep_valid(sql::Connection& connection, const Message& head, Time until);

// The row as committed. Nothing when it is no longer the queued head that it was, or another one is sending.
std::optional<Message> begin_send(sql::Connection& connection, const Message& head, Time due_at, Time now);
struct Refusal {
  Time due_at{};
  std::int64_t failures = 0;  // the row's, with this one
};
bool put_off_send(sql::Connection& connection, const Message& head, const Refusal& refusal, Time now);
bool take_back(sql::Connection& connection, const Message& begun, Time now);

// The row as it stands now, and until the commit, while nobody has settled the attempt: sending, or unknown. Of a
// fallback the conversation is held too.
std::optional<Message> undecided(sql::Connection& connection, const Message& begun);

// How many exchanges are kept of one message besides its last: the latest.
inline constexpr std::int64_t kExchangesKept = 20;

struct Receipt {
  std::string wamid{};
  std::optional<std::string> wa_id{};  // becomes an alias of the contact where it is free
};
// Also settles the statuses that were parked for the wamid. False: the row is in another attempt.
bool record_accepted(sql::Connection& connection, const Message& begun, const Receipt& receipt, Time now);

bool record_refused(sql::Connection& connection, const Message& begun, const Refusal& refusal, Time now);
bool record_rejected(sql::Connection& connection, const Message& begun, const Failure& failure, Time now);
// A fallback's failure also ends its claim.
bool record_failed(sql::Connection& connection, const Message& row, const Failure& failure, Time now);
bool record_unknown(sql::Connection& connection, const Message& row, Time due_at, Time now);
WindowOutcome record_outside(sql::Connection& connection, const Message& begun, const FallbackRules& rules, Time now);
// Its validity ended, or nobody needs it any more, before it was sent.
bool record_expired(sql::Connection& connection, const Message& row, const Failure& why, Time now);

// The channel's token is refused: its sends wait until the token is another. False when it is another already.
bool hold_for_token(sql::Connection& connection, const Channel& used, std::string_view words, Time now);

}  // namespace waypost::store
