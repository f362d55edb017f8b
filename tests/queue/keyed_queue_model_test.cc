// Random offers, takes, releases, expiries and due times against a model of a queue small enough to be believed.

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>

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
  std::vector<ReadyKey> take(std::size_t most, std::size_t bulk) {
    std::vector<ReadyKey> keys;
    while (keys.size() < most && !ready.empty()) {
      const auto first = next();
      if (first.stream == Stream::Bulk && bulk-- == 0) break;
      keys.push_back(first);
      ready.erase(keys.back());
      leased[keys.back()] = {};
    }
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

  std::map<ReadyKey, std::uint64_t> ready;
  std::map<ReadyKey, Leased> leased;
  std::set<ReadyKey> waiting;

 private:
  // Replies before Bulk; fewest in flight; then the owner whose first key has waited longest.
  ReadyKey next() const {
    std::map<TenantId, std::pair<Stream, std::uint64_t>> first;
    for (const auto& [of, place] : ready) {
      const auto mine = std::pair(of.stream, place);
      const auto [at, fresh] = first.try_emplace(of.owner, mine);
      if (!fresh) at->second = std::min(at->second, mine);
    }
    std::optional<std::tuple<Stream, std::size_t, std::uint64_t>> best;
    for (const auto& [owner, head] : first) {
      const auto rank = std::tuple(head.first, in_flight(owner), head.second);
      if (!best || rank < *best) best = rank;
    }
    const auto at = std::ranges::find(ready, std::get<2>(*best), &std::pair<const ReadyKey, std::uint64_t>::second);
    return at->first;
  }
  std::size_t in_flight(const TenantId& owner) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(leased, [&](const auto& entry) { return entry.first.owner == owner; }));
  }

  std::uint64_t place_ = 0;
};

class QueueModel : public test::QueueFixture, public testing::WithParamInterface<unsigned> {
 protected:
  unsigned dice(unsigned sides) { return static_cast<unsigned>(random_() % sides); }
  ReadyKey any_key() { return key(dice(4), dice(6), dice(3) == 0 ? Stream::Bulk : Stream::Reply); }
  template <class Keys>
  auto any_of(const Keys& keys) {
    return std::next(keys.begin(), dice(static_cast<unsigned>(keys.size())));
  }

  void step() {
    switch (dice(8)) {
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
      default:
        return step_due();
    }
  }
  void step_offer() {
    const auto of = any_key();
    const bool later = dice(4) == 0;
    offer(of, later ? std::optional(in(std::chrono::hours(1))) : std::nullopt);
    model_.offer(of, later);
  }
  void step_take(std::size_t most) { step_turn({}, most, dice(4)); }
  // Gives back and takes in one go, as a pool does.
  void step_turn(const std::vector<Return>& returns, std::size_t most, std::size_t bulk) {
    const auto turned = turn({.returns = returns, .most = most, .bulk = bulk});
    EXPECT_THAT(turned.lost, testing::IsEmpty());
    std::vector<ReadyKey> keys;
    for (const auto& lease : turned.taken) {
      keys.push_back(lease.key);
      leases_[lease.key] = lease;
    }
    EXPECT_THAT(keys, testing::ElementsAreArray(model_.take(most, bulk)));
  }
  void step_release() {
    if (model_.leased.empty()) return;
    const auto of = any_of(model_.leased)->first;
    const bool later = dice(3) == 0;
    const auto lease = leases_.at(of);
    const Return back{.lease = lease, .due = later ? std::optional(in(std::chrono::hours(1))) : std::nullopt};
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
  void expect_same() {
    const auto now = stats();
    EXPECT_EQ(static_cast<std::size_t>(now.ready), model_.ready.size());
    EXPECT_EQ(static_cast<std::size_t>(now.leased), model_.leased.size());
    EXPECT_EQ(static_cast<std::size_t>(now.waiting), model_.waiting.size());
  }

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
