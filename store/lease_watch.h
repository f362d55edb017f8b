// LeaseWatch: who may believe what about a lease, by a clock that no one can set. Pure: no I/O, no clock of its own.
// One thread.
//
//   watching ──version unmoved for ttl + margin, or released──▶ may take ──taken──▶ holding ──renewed──▶ holding
//      ▲                                                                               │
//      └───── somebody else has it ◀────── ttl since the last renewal was sent ◀───────┘
//
// A holder counts from when it sent its last renewal that succeeded; the others count from when they first saw the
// version that it brought, which is later. So two never hold at once, whatever the hosts' clocks say.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "store/leases.h"

namespace waypost::store {

enum class Rivals {
  Possible,  // other processes work on the store
  None       // this is the only one: whoever had the lease is dead
};

struct LeaseTerms {
  std::chrono::milliseconds ttl{15'000};    // how long a holder believes
  std::chrono::milliseconds renew{5'000};   // how often it renews
  std::chrono::milliseconds margin{1'000};  // how much longer the others wait
  Rivals rivals = Rivals::Possible;
};

class LeaseWatch {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  LeaseWatch(std::string holder, const LeaseTerms& terms) : holder_(std::move(holder)), terms_(terms) {}

  // The row, as it was read at `now`.
  void saw(const LeaseRow& lease, Instant now);
  // Whether to try to take what was seen last.
  bool may_take(Instant now) const;
  // Taken or renewed: this version is ours; `sent_at` is from before the store was asked.
  void renewed(std::int64_t version, Instant sent_at);
  // The store said that it is no longer ours, or we gave it back.
  void lost() { sent_at_.reset(); }
  bool holds(Instant now) const { return now < holds_until(); }
  // When holds() ends unless it is renewed; long ago when it does not hold.
  Instant holds_until() const { return sent_at_ ? *sent_at_ + terms_.ttl : Instant::min(); }
  // The newest version known: ours, or the one seen.
  std::int64_t version() const { return lease_.version; }

 private:
  const std::string holder_;
  const LeaseTerms terms_;
  LeaseRow lease_{};
  std::optional<Instant> first_seen_{};  // when lease_.version was first seen
  std::optional<Instant> sent_at_{};     // of the last renewal that succeeded
};

}  // namespace waypost::store
