// The states of a message and the one table of what outranks what (law 10). Pure; any thread.
//
//   in:   received
//   out:  queued ─▶ sending ─▶ accepted ─▶ sent ─▶ delivered ─▶ read ─▶ played      (Meta's statuses climb to the
//   right)
//           │  ▲       │ └────▶ failed (refused, or Meta's later word)
//           ▼  │       └──────▶ unknown ─▶ accepted … (a status carries our id) or failed(outcome_unknown)
//          held                 held: outside the service window, until the customer writes
//         replaced: another message was sent instead     expired: its validity ended before it could be sent
//
// Statuses come in any order, also before the answer to the send; whatever the order, the end is the same.

#pragma once

#include <optional>
#include <string_view>

#include "conversation/failure_reason.h"

namespace waypost {

enum class MessageState {
  Received,
  Queued,
  Sending,
  Unknown,
  Held,
  Accepted,
  Sent,
  Delivered,
  Read,
  Played,
  Failed,
  Replaced,
  Expired,
};

std::string_view name_of(MessageState state);
std::optional<MessageState> message_state(std::string_view name);

// Meta's word on an outbound message, from a status or from the answer to the send.
enum class MetaWord { Accepted, Sent, Delivered, Read, Played, Failed };

// "sent", "delivered", "read", "played", "failed"; nothing for words not known.
std::optional<MetaWord> meta_word(std::string_view status);

// Of a message that was sent before we knew of it: its history_context.status ("DELIVERED", "ERROR" …); words not known
// are Sent.
MessageState state_in_history(std::string_view status);

// Where the message stands after Meta's word; nothing when it changes nothing. `is_guess`: the present state is
// failed by our guess (outcome_unknown, dropped, dropped_after_restore), which any word of Meta lifts.
std::optional<MessageState> climb(MessageState present, bool is_guess, MetaWord word);

// No worker will touch it again by itself.
bool is_final(MessageState state);

}  // namespace waypost
