// Random offers, takes, releases, expiries, due times, pauses and jumps of the clock against a model of a queue small
// enough to be believed.

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>
#include <ranges>
#include <set>

#include "tests/queue/queue_fixture.h"

namespace waypost {
namespace {

using test::key;

class Model {
 public:
  struct Leased {
    bool dirty = false;
    bool dirty_later = false;
  };

  void offer(const ReadyKey& of, bool later) {
    if (const auto found = leased.find(of); found != leased.end()) {
      (later ? found->second.dirty_later : found->second.dirty) = true;
    } else if (!ready.contains(of) && later) {
      waiting.insert(of);
    } else if (!ready.contains(of)) {
      waiting.erase(of);
      ready[of] = ++place_;
    }
  }
  // With a time to come.
  void remind(const ReadyKey& of) {
    if (const auto found = leased.find(of); found != leased.end()) {
      found->second.dirty_later = true;
    } else if (!ready.contains(of) && !waiting.contains(of)) {
      ready[of] = ++place_;
    }
  }
  std::vector<ReadyKey> take(const TurnWish& wish) {
    const auto& owner = wish.owner;
    const auto most = wish.most;
    auto bulk = wish.bulk;
    const auto share = std::max<std::size_t>(((leased.size() + most) * owner.percent + 99) / 100, 1);
    std::vector<ReadyKey> keys;
    for (const auto limit : {std::min(share, owner.in_flight), owner.in_flight}) {
      take_stream(Stream::Reply, limit, most - keys.size(), keys);
      bulk -= take_stream(Stream::Bulk, limit, std::min(bulk, most - keys.size()), keys);
    }
    const auto few = std::min(wish.few, owner.in_flight);
    const auto kept = wish.kept - take_stream(Stream::Reply, few, wish.kept, keys);
    take_stream(Stream::Bulk, few, std::min(bulk, kept), keys);
    return keys;
  }
  void release(const ReadyKey& of, bool later) {
    const auto was = leased.at(of);
    leased.erase(of);
    if (was.dirty) {
      ready[of] = ++place_;
    } else if (was.dirty_later || later) {
      waiting.insert(of);
    }
  }
  void expire(const ReadyKey& of) {
    leased.erase(of);
    ready[of] = ++place_;
  }
  void come(const ReadyKey& of) {
    waiting.erase(of);
    ready[of] = ++place_;
  }

  // Keys ready and leased by owner.
  std::map<TenantId, std::pair<std::uint32_t, std::uint32_t>> counts() const {
    std::map<TenantId, std::pair<std::uint32_t, std::uint32_t>> counts;
    for (const auto& of : std::views::keys(ready)) ++counts[of.owner].first;
    for (const auto& of : std::views::keys(leased)) ++counts[of.owner].second;
    return counts;
  }

  std::map<ReadyKey, std::uint64_t> ready;
  std::map<ReadyKey, Leased> leased;
  std::set<ReadyKey> waiting;

  std::set<TenantId> paused;

 private:
  // What a key's line says of it: replies before bulk; in a queue by channel then the channel with fewest in flight;
  // then who has waited longest.
  using Rank = std::tuple<Stream, std::size_t, std::uint64_t>;

  std::size_t take_stream(Stream stream, std::size_t limit, std::size_t most, std::vector<ReadyKey>& keys) {
    std::size_t count = 0;
    for (; count < most; ++count) {
      const auto of = next(stream, limit);
      if (!of) break;
      keys.push_back(*of);
      ready.erase(*of);
      leased[*of] = {};
    }
    return count;
  }
  std::optional<ReadyKey> next(Stream stream, std::size_t limit) const {
    std::map<TenantId, ReadyKey> first;
    for (const auto& [of, place] : ready) {
      const auto [at, fresh] = first.try_emplace(of.owner, of);
      if (!fresh && rank(of) < rank(at->second)) at->second = of;
    }
    std::optional<std::pair<std::pair<std::size_t, std::uint64_t>, ReadyKey>> best;
    for (const auto& [owner, of] : first) {
      const auto flight = in_flight([&](const ReadyKey& key) { return key.owner == owner; });
      if (of.stream != stream || flight >= limit || paused.contains(owner)) continue;
      const auto turn = std::pair(flight, ready.at(of));
      if (!best || turn < best->first) best = {turn, of};
    }
    if (!best) return std::nullopt;
    return best->second;
  }
  // A channel stands where its own first key does.
  Rank rank(const ReadyKey& of) const {
    auto first = Rank(of.stream, 0, ready.at(of));
    if (of.channel == ChannelId{}) return first;
    const auto same = [&](const ReadyKey& key) { return key.owner == of.owner && key.channel == of.channel; };
    std::get<1>(first) = in_flight(same);
    return first;
  }
  template <class Which>
  std::size_t in_flight(Which which) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(leased, [&](const auto& entry) { return which(entry.first); }));
  }

  std::uint64_t place_ = 0;
};

class QueueModel : public test::QueueFixture, public testing::WithParamInterface<unsigned> {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    queue = std::make_unique<KeyedQueue>(*link, "runs", kLease, by_channel_ ? Lanes::ByChannel : Lanes::None);
  }

  unsigned dice(unsigned sides) { return static_cast<unsigned>(random_() % sides); }
  ReadyKey any_key() {
    const auto conversation = dice(6);
    auto of = key(dice(4), conversation, dice(3) == 0 ? Stream::Bulk : Stream::Reply);
    if (by_channel_) of.channel = {test::uuid_of(1 + conversation % 3)};
    return of;
  }
  template <class Keys>
  auto any_of(const Keys& keys) {
    return std::next(keys.begin(), dice(static_cast<unsigned>(keys.size())));
  }

  void step() {
    switch (dice(20) == 0 ? 20 : dice(8)) {
      case 0:
      case 1:
      case 2:
        return step_offer();
      case 3:
      case 4:
        return step_take(dice(4));
      case 5:
        return step_release();
      case 6:
        return step_expiry();
      case 20:
        return dice(3) == 0 ? step_jump() : step_pause();
      default:
        return step_due();
    }
  }
  void step_offer() {
    const auto of = any_key();
    if (dice(8) == 0) {
      remind(of, in(std::chrono::minutes(4)));
      return model_.remind(of);
    }
    const bool later = dice(4) == 0;
    offer(of, later ? std::optional(in(std::chrono::minutes(5))) : std::nullopt);
    model_.offer(of, later);
  }
  void step_take(std::size_t most) { step_turn({}, most, dice(4)); }
  // Gives back and takes in one go, as a pool does.
  void step_turn(const std::vector<Return>& returns, std::size_t most, std::size_t bulk) {
    const TurnWish wish{.returns = returns,
                        .most = most,
                        .bulk = bulk,
                        .owner = {.percent = 25 + dice(4) * 25, .in_flight = 1 + dice(6)},
                        .kept = dice(3),
                        .few = dice(3)};
    const auto turned = turn(wish);
    EXPECT_THAT(turned.lost, testing::IsEmpty());
    std::vector<ReadyKey> keys;
    for (const auto& lease : turned.taken) {
      keys.push_back(lease.key);
      leases_[lease.key] = lease;
    }
    EXPECT_THAT(keys, testing::ElementsAreArray(model_.take(wish)));
  }
  void step_release() {
    if (model_.leased.empty()) return;
    const auto of = any_of(model_.leased)->first;
    const bool later = dice(3) == 0;
    const auto lease = leases_.at(of);
    const Return back{.lease = lease, .due = later ? std::optional(in(std::chrono::minutes(5))) : std::nullopt};
    model_.release(of, later);
    step_turn({back}, dice(3), dice(3));
    if (leases_.at(of).token == lease.token) EXPECT_FALSE(release(lease));
  }
  void step_expiry() {
    if (model_.leased.empty()) return;
    const auto of = any_of(model_.leased)->first;
    lease_runs_out(of);
    model_.expire(of);
    step_turn({}, 1, 1);  // a take is what takes back
  }
  void step_due() {
    if (model_.waiting.empty()) return;
    const auto of = *any_of(model_.waiting);
    due_comes(of);
    model_.come(of);
    step_turn({}, 1, 1);
  }
  void step_pause() {
    std::set<TenantId> paused;
    for (unsigned owner = 0; owner < 4; ++owner) {
      if (dice(3) == 0) paused.insert(key(owner, 0).owner);
    }
    EXPECT_TRUE(loop.wait(queue->set_paused({paused.begin(), paused.end()})).has_value());
    model_.paused = paused;
  }
  // Redis' clock jumps: back, and nothing happens; ahead, and every lease and every due time has come.
  void step_jump() {
    const bool ahead = dice(2) == 0;
    std::int64_t at = ahead ? 0 : to_millis(in(std::chrono::hours(24)));
    for (const auto& of : shuffled(std::views::keys(model_.leased))) {
      lease_runs_out(of, ++at);
      if (ahead) model_.expire(of);
    }
    for (const auto& of : shuffled(model_.waiting)) {
      due_comes(of, ++at);
      if (ahead) model_.come(of);
    }
    step_turn({}, 1, 1);
  }
  template <class Keys>
  std::vector<ReadyKey> shuffled(const Keys& keys) {
    std::vector<ReadyKey> all(keys.begin(), keys.end());
    std::ranges::shuffle(all, random_);
    return all;
  }
  void expect_same() {
    const auto now = stats();
    EXPECT_EQ(static_cast<std::size_t>(now.ready), model_.ready.size());
    EXPECT_EQ(static_cast<std::size_t>(now.leased), model_.leased.size());
    EXPECT_EQ(static_cast<std::size_t>(now.waiting), model_.waiting.size());
    std::map<TenantId, std::pair<std::uint32_t, std::uint32_t>> told;
    for (const auto& owner : loop.wait(queue->owner_stats()).value()) told[owner.owner] = {owner.ready, owner.leased};
    EXPECT_EQ(told, model_.counts());
  }

  const bool by_channel_ = GetParam() % 2 == 0;
  Model model_;
  std::map<ReadyKey, Lease> leases_;
  std::mt19937 random_{GetParam()};
};

// A hundred thousand steps over all the dice.
TEST_P(QueueModel, RandomStepsAgree) {
  for (int i = 0; i < 12'500 && !HasFailure(); ++i) {
    SCOPED_TRACE(i);
    step();
    if (i % 16 == 0) expect_same();
  }
  expect_same();
}

INSTANTIATE_TEST_SUITE_P(Dice, QueueModel, testing::Range(1U, 9U));

}  // namespace
}  // namespace waypost
