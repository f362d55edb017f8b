// Attempt: one try to hand a conversation's head to Meta: pacing, the commit that allows it, the POST, its settlement.
// Loop only.
//
// The rule it keeps (law 8): a POST goes out only from here, only by the coroutine whose unit moved the row from queued
// to sending, and only within 5 s of that commit; whatever happens then, the row never goes back to queued unless Meta
// provably refused it or nothing left.

#pragma once

#include <random>
#include <variant>

#include "outbound/delivery.h"
#include "outbound/pacing.h"
#include "outbound/sender.h"
#include "outbound/settlement.h"
#include "outbound/shared_pacing.h"
#include "store/portfolio.h"

namespace waypost {

// What all attempts of a Sender share.
struct SenderState {
  SenderParts parts{};
  SendingSettings settings{};
  milliseconds lease{30'000};  // how long a row may be `sending`
  Time started_at{};
  Pacing pacing;
  SharedPacing shared;
  RetryPolicy retries{};
  std::minstd_rand dice{std::random_device()()};

  Time now() const { return parts.clock->now(); }
  double jitter() { return std::uniform_real_distribution<double>(0.0, 1.0)(dice); }
  store::FallbackRules rules() const {
    return {.claim = settings.fallback_claim, .window_margin = settings.window_margin, .validity = settings.validity};
  }
};

// What a handler does next: look at the stream again, or leave it until then.
struct Again {};
struct Leave {
  std::optional<Time> until{};
};
using Next = std::variant<Again, Leave>;

class Attempt {
 public:
  // `view` has a head to post, with channel and contact. Both outlive the attempt.
  Attempt(SenderState& state, const store::SendView& view) : state_(state), view_(view) {}

  awaitable<Result<Next>> run();

 private:
  // What the commit before the POST made of it.
  struct Begun {
    std::optional<store::Message> row{};  // nothing: somebody moved it first
    std::optional<Time> room_at{};        // the messaging limit is reached: not before then
  };

  PaceKey pace_key() const;
  awaitable<Result<Begun>> begin();
  std::optional<store::Reach> reach_outside() const;
  bool may_post(const store::Message& begun) const;
  awaitable<Result<Next>> take_back(store::Message begun);
  awaitable<Result<Next>> settle(store::Message begun, SendExchange exchange);
  awaitable<void> slow_down(const TryAgain& step);
  template <class Unit>
  awaitable<Result<bool>> keep(Unit unit);

  SenderState& state_;
  const store::SendView& view_;
};

}  // namespace waypost
