// window.closing: once a window is told to end soon, some time before it does. Pure.
//
// A conversation has a time of its next look (kFirstLook behind the message that opened the window), not a timer that
// moves with each message: whoever looks and finds the window renewed looks again later. Windows that opened at once
// are told spread out, each at its own moment, so that those who then act do not do so at once.

#pragma once

#include <chrono>
#include <variant>

#include "base/clock.h"
#include "base/id.h"
#include "conversation/window.h"

namespace waypost {

inline constexpr std::chrono::minutes kClosingSpread{5};
inline constexpr std::chrono::hours kFirstLook{12};
// How long before the end at most: no window is to be told before its first look.
inline constexpr std::chrono::minutes kMostClosingNotice = kServiceWindow - kFirstLook - kClosingSpread;

struct LookAgain {
  Time at{};
};
struct TellClosing {
  Time expires_at{};
};
struct TellNothing {};  // the window is over, and nobody was told
using ClosingMove = std::variant<LookAgain, TellClosing, TellNothing>;

// It is told at `notice` before the end, or up to kClosingSpread earlier; later, when nobody looked in time, as long as
// the window is open.
ClosingMove judge_closing(std::optional<Time> expires_at, ConversationId conversation, milliseconds notice, Time now);

}  // namespace waypost
