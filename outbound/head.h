// What is to be done with the first message of a conversation's stream. The decision only: outbound/sender.cc reads
// the rows, asks, and acts.
//
//   queued   held after a restore, broadcast paused │ expired │ nobody may get it │ not due, channel stopped │ outside
//            the window │ a file of it is not at Meta │ go
//   sending  its committer may still be at it   │ nobody is: unknown
//   unknown  grace                              │ grace over, all webhooks of it applied: failed(outcome_unknown)

#pragma once

#include <chrono>
#include <optional>
#include <variant>

#include "store/sending.h"

namespace waypost {

struct Rest {
  std::optional<Time> until{};  // nothing: there is nothing to do
};
struct Follow {
  ConversationId survivor{};  // the conversation was merged
};
struct Expire {
  store::Message message{};
  store::Failure why{};
};
struct Fail {
  store::Message message{};
  store::Failure why{};
};
struct EndBlock {};       // the channel was tried, and nothing was said against it
struct GiveUpWaiting {};  // sending, and nobody is at it any more
struct AskWindow {};      // outside the window: its policy decides
struct BringFile {
  store::SendFile file{};  // it goes to Meta before the message does
};
struct Post {};
using HeadMove = std::variant<Rest, Follow, Expire, Fail, EndBlock, GiveUpWaiting, AskWindow, BringFile, Post>;

struct HeadContext {
  Time now{};
  Time started_at{};        // of this process
  Time webhooks_applied{};  // up to when every received webhook has been applied
  bool is_only_node = true;
  std::chrono::seconds grace{120};
  milliseconds window_margin{60'000};
};

// How soon a stopped channel is looked at again.
inline constexpr std::chrono::seconds kChannelPoll{30};

// The channel is blocked for this message: whoever sends it now is the one that tries.
bool waits_for_channel(const store::Channel& channel, const store::Message& message);

HeadMove judge_head(const store::SendView& view, const HeadContext& context);

}  // namespace waypost
