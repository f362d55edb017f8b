// KeyedQueue: which conversations have work, whose turn it is, and when. The work itself is rows in the store; what is
// said here may be repeated, lost or forgotten without harm (laws 4 and 5).
//
//             offer                take                 release
//   (none) ─────────▶ ready ─────────────▶ leased ─────────────────▶ (none)
//                       ▲                    │  release(due), or an offer came meanwhile (dirty)
//                       │ due                ▼
//                       └───────── waiting ◀─┘            lease ran out: ready again
//
// A queue is a set of ready keys in Redis, changed only by Lua scripts that each do one atomic thing. All keys share
// the hash tag {waypost}. Lease clocks and due times use Redis' TIME. Owners take turns by fewest keys in flight, then
// by whose key has waited longest, so that nobody waits for an owner who has more in hand; so do an owner's channels in
// a queue by channel. Reply keys go before all Bulk keys, whoever owns them, but for an owner that has more than its
// share in flight. Loop only.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "net/asio.h"
#include "queue/redis_value.h"

namespace waypost {

class RedisLink;

enum class Stream { Reply, Bulk };

// One conversation's work of one kind.
struct ReadyKey {
  TenantId owner{};
  ConversationId key{};
  Stream stream = Stream::Reply;
  ChannelId channel{};  // in a queue by channel, else nil; the same with every offer of the key
  auto operator<=>(const ReadyKey&) const = default;
};

struct Offer {
  ReadyKey key{};
  std::optional<Time> due{};  // not before; nothing: at once
  // The key comes at once if the queue does not know it. If it waits for a time, or somebody has it, it has its reason:
  // then it comes at `due` at the latest.
  bool reminds = false;
};

struct Lease {
  ReadyKey key{};
  std::uint64_t token = 0;
};

// A key that its holder is done with: gone, or to come back at `due`, by the holder's clock.
struct Return {
  Lease lease{};
  std::optional<Time> due{};
};

// How far ahead Redis knows of due times. What comes later is rows alone: the sweep mirrors it when its time is near. A
// queue forgets only what is a good deal later, so that nodes' clocks may differ.
inline constexpr std::chrono::minutes kMirrored{10};
inline constexpr std::chrono::minutes kForgotten{11};

// What one owner may have of the workers. Keys in flight are counted over all nodes.
struct OwnerLimits {
  std::size_t percent = 50;       // of all keys in flight, while another owner's keys wait
  std::size_t in_flight = 1'000;  // in any case; up to 1,000
};

// What a worker pool says and hears in one go.
struct TurnWish {
  std::vector<Return> returns{};
  std::size_t most = 0;  // keys it wants, up to 1,000
  std::size_t bulk = 0;  // how many of all may be Bulk
  OwnerLimits owner{};
  // Keys it wants beside these, up to 1,000, of owners with less than `few` in flight: places that nobody fills up.
  std::size_t kept = 0;
  std::size_t few = 0;
};
struct Turn {
  std::vector<Lease> lost{};                        // of the returned ones: somebody else has them, or had
  std::vector<Lease> taken{};                       // leased to the caller
  std::optional<std::chrono::milliseconds> next{};  // until the next due time or lease end; nothing: there is none
};

struct QueueStats {
  std::int64_t ready = 0;
  std::int64_t leased = 0;
  std::int64_t waiting = 0;  // with a due time to come
};
struct OwnerStats {
  TenantId owner{};
  std::uint32_t ready = 0;
  std::uint32_t leased = 0;
};

// How a queue's keys take turns inside an owner.
enum class Lanes { None, ByChannel };

class KeyedQueue {
 public:
  // Offers in one script: Redis serves nobody else meanwhile (about 3 ms).
  static constexpr std::size_t kOffersAtOnce = 500;

  // `name` is "runs" or "sends". `origin` names the node to other nodes' bells (queue/bell.h); empty: there are none,
  // and no bell is rung. The link outlives the queue, and the queue whoever awaits it.
  KeyedQueue(RedisLink& link, std::string name, std::chrono::milliseconds lease, Lanes lanes = Lanes::None,
             std::string origin = {});

  std::chrono::milliseconds lease() const { return lease_; }

  // Idempotent: a key already there stays where it stands (an earlier due time wins); on a leased key it sets the dirty
  // mark, with its due time. Many are said in several scripts: when one fails the others may have been done. What is
  // due after kForgotten is not said at all.
  awaitable<Result<void>> offer(std::vector<Offer> offers);
  // Gives keys back and takes others. A key that was offered meanwhile (dirty) comes back at the earlier of the offer's
  // due time and its own; one due after kForgotten is gone. Expired leases and arrived due times are taken back before
  // anything is taken, up to 1,000 of each.
  awaitable<Result<Turn>> turn(TurnWish wish);
  // False: the lease was lost, the holder must stop.
  awaitable<Result<bool>> extend(const Lease& lease);
  // The same for many, in one go: those whose lease was lost.
  awaitable<Result<std::vector<Lease>>> extend_all(std::vector<Lease> leases);
  // These owners' keys are not taken until they are named no more; what is leased goes on. Offers stand as ever.
  awaitable<Result<void>> set_paused(std::vector<TenantId> owners);
  awaitable<Result<QueueStats>> stats();
  // Every owner with a key that is ready or leased, read in pages: not one moment's picture.
  awaitable<Result<std::vector<OwnerStats>>> owner_stats();

 private:
  // Those with a key that is ready; and, at least, those that only have keys in flight.
  awaitable<Result<std::vector<OwnerStats>>> ready_owners();
  awaitable<Result<std::vector<OwnerStats>>> idle_owners();
  awaitable<Result<RedisValue>> run(std::string_view script, RedisWords arguments);

  RedisLink& link_;
  const RedisWords keys_;  // as queue/script_words.h lists them
  const std::chrono::milliseconds lease_;
  const Lanes lanes_;
  const std::string name_;
  const std::string origin_;
};

}  // namespace waypost
