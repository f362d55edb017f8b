// Pacing: when a number may send its next message, in the memory of this process. Loop only; turned by the caller's
// clock.
//
// A number has a bucket of its own throughput (conversation/throughput.h) less a reserve, for Meta counts inbound and
// outbound together; halved on every 130429 and climbing back within five minutes. A pair (number and customer) has
// Meta's bucket of one message per 6 s with a burst of 45. Whoever must wait is told when; those who wait for one
// number are told times one after the other, so that they do not all come back at once, and keep those. Bulk goes
// behind every reply that was told to wait, and leaves half of the number's burst to replies that come meanwhile; a
// hurried reply goes before the others. Switched off, only Meta's own pauses hold.

#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "config/settings.h"

namespace waypost {

// A leaky bucket by its one number (GCRA): the time at which it would be empty.
struct Bucket {
  using Fine = std::chrono::sys_time<std::chrono::microseconds>;
  struct Rate {
    std::chrono::microseconds interval{0};
    int burst = 1;
  };
  Fine empty_at{};

  // The moment from which one more fits.
  Fine ready_at(const Rate& rate) const { return empty_at - rate.interval * (rate.burst - 1); }
  void take(const Rate& rate, Fine now) { empty_at = std::max(empty_at, now) + rate.interval; }
};

// Whose turn it is where several wait for one number.
enum class SendRank {
  Hurried,  // a reply whose service window is about to end
  Reply,
  Bulk,
};
// How soon the window must end for that.
inline constexpr std::chrono::minutes kHurry{10};
SendRank rank_of(bool is_bulk, std::optional<Time> window_expires_at, Time now);

// Messages a second that a number may send when nothing slows it down, by what Meta last said of it.
double full_rate(const Json& standing, const SendingSettings& settings);

// Who wants to send.
struct PaceKey {
  ChannelId number{};
  ConversationId pair{};
  std::string account{};  // the business account, whose numbers have a rate together
  std::string app{};      // the Meta app, the same
  SendRank rank = SendRank::Reply;
  double per_second = 1;  // the number's full rate
};

class Pacing {
 public:
  explicit Pacing(const SendingSettings& settings) : settings_(settings) {}

  // Nothing: it may go now, and its turn is taken, of the number and of the pair or of neither. Else: come back then.
  std::optional<Time> take(const PaceKey& key, Time now);

  // Meta said to slow down.
  void pause_pair(ConversationId pair, Time until);
  void pause_number(ChannelId number, Time until, Time now);
  void pause_account(const std::string& account, Time until);
  void pause_app(const std::string& app, Time until);

  // Messages a second that the number may send at `now`: at least 1.
  double rate_of(const PaceKey& key, Time now) const;

 private:
  struct Number {
    Bucket bucket{};
    Time paused_until{};
    Bucket::Fine next_reply{};  // behind those that were told to wait
    Bucket::Fine next_bulk{};
    double slowed_to = 1;  // the part of its rate
    Time slowed_at{};
  };
  struct Pair {
    Bucket bucket{};
    Time paused_until{};
    // Its turns at the number that it was told of and that have not come: who asks early is told the same again.
    Time told_reply{};
    Time told_bulk{};
  };

  static double part_of(const Number& number, Time now);
  static std::optional<Time> wait_for_turn(Number& number, SendRank rank, const Bucket::Rate& rate, Time now);
  std::optional<Time> wait_for_pauses(const PaceKey& key, Time now) const;
  void forget_idle_pairs(Time now);

  const SendingSettings settings_;
  std::unordered_map<ChannelId, Number> numbers_;
  std::unordered_map<ConversationId, Pair> pairs_;
  std::unordered_map<std::string, Time> accounts_;
  std::unordered_map<std::string, Time> apps_;
  std::size_t pairs_kept_ = 1'024;
};

}  // namespace waypost
