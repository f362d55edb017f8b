#include "conversation/window_closing.h"

#include <functional>

namespace waypost {
namespace {

// The same at every look and on every node.
milliseconds share_of_spread(ConversationId conversation) {
  constexpr milliseconds kSpread = kClosingSpread;
  return milliseconds(std::hash<ConversationId>()(conversation) % static_cast<std::uint64_t>(kSpread.count()));
}

}  // namespace

ClosingMove judge_closing(std::optional<Time> expires_at, ConversationId conversation, milliseconds notice, Time now) {
  if (!expires_at || *expires_at <= now) return TellNothing{};
  const Time due = *expires_at - notice - share_of_spread(conversation);
  if (now < due) return LookAgain{.at = due};
  return TellClosing{.expires_at = *expires_at};
}

}  // namespace waypost
