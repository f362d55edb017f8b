// Statuses: Meta's word on messages we sent, in whatever order it comes (law 10). A status of a message that we do not
// know (yet) is parked and settled when the sender learns the wamid. Lane only.

#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/json.h"
#include "conversation/callback_data.h"
#include "conversation/message_state.h"
#include "store/fallback.h"
#include "store/messages.h"

namespace waypost::store {

inline constexpr std::chrono::days kParkedFor{8};  // Meta repeats a webhook for seven

// One status, read.
struct Status {
  std::string wamid{};
  MetaWord word = MetaWord::Sent;
  Time at{};                           // Meta's
  std::optional<CallbackData> ours{};  // names the message before its wamid is known
  std::optional<Failure> failure{};    // with MetaWord::Failed
  Json content = Json::object();       // as Meta sent it
};

// Why Meta failed it: code and words of the status' first error, and the reason of that code.
Failure failure_of(const Json& status);

struct StatusOutcome {
  bool parked = false;
  bool changed = false;  // the message stands elsewhere than before
  // Set when the conversation's sends may go on: an in-flight message was settled, or another one takes its place.
  std::optional<ConversationId> sends{};
  std::string stream = "reply";
};

// Whose webhook it came by, and the rules for a message that Meta refused outside the window.
struct StatusContext {
  TenantId tenant{};
  ChannelId channel{};
  FallbackRules rules{};
};

// Finds the message by our id first, by wamid second, and lets it climb: state, wamid, times, failure, event. A failure
// 131047 hands it to outside_window (store/fallback.h), a failed fallback template to fallback_failed; what else its
// code means for contact, template and channels is done, too (store/meta_refusals.h).
StatusOutcome apply_status(sql::Connection& connection, const StatusContext& context, const Status& status, Time now);

// Whether apply_status would change a message's row; writes nothing. A status of a message that is not known would be
// parked at most, which is no news.
bool is_news(sql::Connection& connection, const StatusContext& context, const Status& status);

// The failure that settle_parked will find: then the conversation is to be held before the message, and before that
// heed_failure is to be called.
std::optional<Status> parked_failure(sql::Connection& connection, const Message& message, std::string_view wamid);
// What a failed status means beyond its message, where that will fail by it. Before anything of the message is held.
void heed_failure(sql::Connection& connection, const Message& message, const Status& status, Time now);
// Applies what was parked for the message's wamid. The sender calls it in the unit that stores the wamid, under
// lock_status_key (store/locks.h), so that none is parked meanwhile. Returns how many there were; the message's row may
// have climbed.
std::size_t settle_parked(sql::Connection& connection, const Message& message, Time now,
                          const FallbackRules& rules = {});

// Retention: deletes up to `most` whose time is over.
std::size_t drop_parked(sql::Connection& connection, Time now, std::size_t most);

}  // namespace waypost::store
