// Channels that Meta has stopped: a number, a business account, or their templates alone. What they would send waits,
// and no message is at fault. Lane only; each function locks its channels, so it comes before contacts, conversations
// and messages.
//
//   active ─ block_channels ─▶ blocked      nothing goes                       look_at: in kBlockPause
//                              restricted   templates wait, the rest goes          │ or at once, when Meta has news
//                                  ▲                                               ▼ of number or account
//                                  │ refused again                          begin_probe: one send tries
//                                  └─────────────────────────────────────────────┤
//   active ◀── end_block ── nothing said against it for kProbeQuiet ◀── probe_accepted
//
// The quiet time is there because Meta tells of some blocks only by a late failed status: without it a whole queue
// would go out and fail before the first one comes back.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "store/channels.h"

namespace waypost::store {

inline constexpr std::chrono::minutes kBlockPause{15};
inline constexpr std::chrono::seconds kProbeQuiet{60};

struct Block {
  TenantId tenant{};
  ChannelId channel{};
  std::int64_t code = 0;     // Meta's: GraphAction says how far it reaches
  std::string words{};       // Meta's
  bool of_template = false;  // what it refused was one
};
// Blocks the number, or all numbers of its account; restricts where only templates are refused. Paused channels and
// those without a token stay what they are. Leaves channel.updated when it was not known yet.
void block_channels(sql::Connection& connection, const Block& block, Time now);

// Whether whoever asks is the one send that tries now: nobody else is until kBlockPause is over.
bool begin_probe(sql::Connection& connection, const Channel& seen, Time now);
void probe_accepted(sql::Connection& connection, const Channel& seen, Time now);
// A quiet probe ends the block, of all channels that it reached. Leaves channel.updated. False when there is none.
bool end_block(sql::Connection& connection, const Channel& seen, Time now);
// The next send tries at once. Nothing where the channel is not blocked.
void look_now(sql::Connection& connection, const Channel& channel, Time now);

// Nothing goes from these until then: a throttle that Meta told of late.
void keep_quiet(sql::Connection& connection, const Channel& channel, Time until);

}  // namespace waypost::store
