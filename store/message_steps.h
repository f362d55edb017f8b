// The one statement by which an outbound message moves from one state to another. Lane only; used by sending and
// fallback.

#pragma once

#include "store/messages.h"

namespace waypost::store {

// Writes `to` over the row while it still stands at `from`'s state and attempt: state, due_at, attempt, attempt_at,
// failures, failure, replaced_by, exchange, wamid, accepted_at; failed_at is set with Failed. Leaves the event of the
// new state, but none for queued and sending. False: somebody moved it first, nothing written.
bool move_message(sql::Connection& connection, const Message& from, Message to, Time now);

}  // namespace waypost::store
