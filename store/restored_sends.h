// Restored sends: a restored store is older than the world. What it holds as queued may have gone out since, so that it
// waits, through every restart, until an operator releases or drops it. Lane only.
//
//   hold_sends:  queued, held ──due_at = kHeldAfterRestore──▶ nothing looks at them, and the sender's reads cost
//   nothing release_some: due again        drop_some: failed(dropped_after_restore), which any later status lifts
//
// A send in progress at that time (sending, unknown) is not touched: the sender never repeats it, and settles it by a
// status or after the grace (law 8). Newer messages of the same conversation and stream wait behind a held one (law 5);
// all others go out. Statuses climb as ever, and end the hold of their message.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "store/due.h"
#include "store/messages.h"

namespace waypost::store {

// Marks everything that waits to be sent, in one statement; how many. Broadcasts that are planned or under way pause:
// whoever waits in them may have got it since. Before a sender runs. Twice changes nothing.
std::int64_t hold_sends(sql::Connection& connection);

// Of one channel of one workspace.
struct HeldSends {
  TenantId tenant{};
  ChannelId channel{};
  std::string workspace{};  // their names; empty when they are gone
  std::string number{};
  std::int64_t held = 0;
  std::int64_t behind = 0;  // newer messages that wait behind held ones of their conversation
  Time oldest{};            // when the oldest one was queued
};
std::vector<HeldSends> held_sends(sql::Connection& connection);
Json to_json(const HeldSends& row);

// Up to `most` of them, of one workspace or of all; the conversations that have work again: offer them after the
// commit. Empty: nothing is held any more. Call again until then.
std::vector<DueConversation> release_some(sql::Connection& connection, std::optional<TenantId> tenant, std::size_t most,
                                          Time now);
std::vector<DueConversation> drop_some(sql::Connection& connection, std::optional<TenantId> tenant, std::size_t most,
                                       Time now);

}  // namespace waypost::store
