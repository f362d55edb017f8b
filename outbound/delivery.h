// What becomes of one attempt to hand a message to Meta.
//
//                 accepted                      sent / delivered / read come later, by webhook
//   Sending ────────────────────▶ Accepted
//      │  refused, may be retried
//      ├────────────────────────▶ Queued, due after a pause; throttles also pause the number, the pair or the app
//      │  a file of it may be lost
//      ├────────────────────────▶ Queued, and the file is uploaded again, once
//      │  refused for good
//      ├────────────────────────▶ Failed
//      │  131047                                   token, number or account are refused
//      ├────────────────────────▶ the window's policy    └──▶ Queued, and the channel waits; no failure is counted
//      │  nobody knows (timeout, reset after the bytes left, 5xx, unreadable answer)
//      └────────────────────────▶ Unknown: waits for the status that carries our id; never sent again blindly
//
// The decision only: no clock, no socket, no dice. outbound/sender.cc asks, then commits the step.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/error.h"
#include "graph/send_answer.h"

namespace waypost {

// Whom a pause holds up besides the message itself.
enum class PauseScope { Message, Pair, Number, Account, App };

struct MarkAccepted {
  std::string wamid{};
  std::optional<std::string> wa_id{};
};
struct TryAgain {
  std::chrono::milliseconds pause{0};
  PauseScope scope = PauseScope::Message;
};
struct AwaitStatus {
  Error why;
};
struct AwaitToken {
  Error why;
};
struct AwaitChannel {  // blocked: store/channel_blocks.h
  Error why;
  std::int64_t code = 0;
};
struct TryByPhone {  // once more if a phone number is known by now, else it is given up
  Error why;
  std::int64_t code = 0;
};
struct UploadAgain {};  // at once: Meta may have forgotten a file that it names
struct LeaveWindow {};
struct GiveUp {
  Error why;
  std::optional<std::int64_t> code{};
  bool needs_operator = false;  // something of the account must be mended
};
using DeliveryStep = std::variant<MarkAccepted, TryAgain, AwaitStatus, AwaitToken, AwaitChannel, TryByPhone,
                                  UploadAgain, LeaveWindow, GiveUp>;

// Doubles from the first pause up to the longest.
struct RetryPace {
  std::chrono::milliseconds first{1'000};
  std::chrono::milliseconds longest{900'000};
};

struct RetryPolicy {
  RetryPace refused{};   // Meta named an error that may pass
  int attempts = 8;      // of those; then it is failed
  int link_retries = 2;  // of a file that Meta could not take from its link
  // What says nothing about the message is tried until its validity ends.
  RetryPace unreachable{.longest = std::chrono::minutes(1)};
  RetryPace number{.longest = std::chrono::minutes(1)};
  RetryPace app{.first = std::chrono::minutes(1)};
  std::chrono::milliseconds longest_pair{std::chrono::hours(1)};  // 4^X s (Meta), X = failures
};

// What was tried.
struct Tried {
  std::int64_t failures = 0;  // refusals before this attempt
  bool by_link = false;       // it brings a file by link
  bool by_old_file = false;   // it names a file that Meta may have lost (outbound/files.h)
};
// `jitter` is in [0, 1).
DeliveryStep next_step(SendAnswer answer, const Tried& tried, const RetryPolicy& policy, double jitter);

// Whether Meta is to fetch a file of it.
bool brings_link(const Json& content);

}  // namespace waypost
