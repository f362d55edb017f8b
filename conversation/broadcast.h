// Broadcasts: one template to many contacts. The states, what may follow what, what stops one by itself, and which
// failures may be tried again. Pure; any thread.
//
//   draft ──▶ scheduled ──▶ preparing ──▶ sending ──▶ completed
//     │           │          │      ▲      │   ▲          │
//     └───────────┴──────────┤      └─ paused ─┘◀─────────┘ retry (to sending)
//                            ▼            │
//                        cancelled ◀──────┘
//
// preparing: the recipients are being frozen. A paused one goes on where it was.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"

namespace waypost {

enum class BroadcastStatus { Draft, Scheduled, Preparing, Sending, Paused, Completed, Cancelled };
std::string_view name_of(BroadcastStatus status);  // "draft" …
std::optional<BroadcastStatus> broadcast_status(std::string_view name);

// What people ask for.
enum class BroadcastWish { Edit, Delete, Schedule, Send, Pause, Resume, Cancel, Retry };
std::string_view name_of(BroadcastWish wish);  // "edited", "deleted" …: "a … broadcast cannot be edited"

// The status that follows; nothing: it may not be asked of a broadcast in this status. `is_prepared`: all recipients
// are there. Edit and Delete leave it as it is; so does Retry of one that is paused.
std::optional<BroadcastStatus> after(BroadcastStatus status, BroadcastWish wish, bool is_prepared);

// What is known when messages of it are to be made.
struct BroadcastSurroundings {
  std::optional<std::string> template_status{};  // Meta's word; nothing: there is no such template
  std::optional<std::string> channel_state{};    // nothing: the channel is gone
  Json standing = Json::object();                // of the channel: what Meta last said, by key
  bool stops_at_low_quality = true;              // the workspace's setting
  Time now{};
};
struct BroadcastStop {
  std::string reason{};  // "template_paused", "channel_needs_token", "account_banned", "low_quality" …
  std::string words{};
};
// Why none may be made now; nothing: they may.
// Source: Meta, "Account update", "Phone number quality update" webhooks; the facts' sections 1.7, 4.4.
std::optional<BroadcastStop> stop_of(const BroadcastSurroundings& surroundings);

// Whether a retry takes a message that failed with this reason: not where the contact cannot or will not be reached. An
// unknown outcome may have reached them: only when asked for.
enum class UnknownOutcomes { Left, Retried };
bool may_retry(std::string_view reason, UnknownOutcomes unknown);

// When `left` messages are out at so many an hour.
struct Pace {
  std::int64_t per_hour = 0;
};
inline std::int64_t seconds_for(std::int64_t left, Pace pace) {
  return pace.per_hour <= 0 ? 0 : (left * 3'600 + pace.per_hour - 1) / pace.per_hour;
}

// Settings of a workspace, key "broadcasts": {"stopsAtLowQuality": bool}.
bool stops_at_low_quality(const Json& settings);

}  // namespace waypost
