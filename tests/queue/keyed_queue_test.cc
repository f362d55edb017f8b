#include "queue/keyed_queue.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "tests/queue/queue_fixture.h"

namespace waypost {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using test::key;
using testing::ElementsAre;
using testing::IsEmpty;

using Queue = test::QueueFixture;

TEST_F(Queue, AnOfferedKeyIsTakenOnce) {
  offer(key(1, 1));
  EXPECT_THAT(taken(5), ElementsAre(key(1, 1)));
  EXPECT_THAT(taken(5), IsEmpty());
}

TEST_F(Queue, AnOfferIsIdempotentAndKeepsThePlace) {
  offer(key(1, 1));
  offer(key(1, 2));
  offer(key(1, 1));
  EXPECT_EQ(stats().ready, 2);
  EXPECT_THAT(taken(5), ElementsAre(key(1, 1), key(1, 2)));
}

TEST_F(Queue, AReleasedKeyIsGone) {
  offer(key(1, 1));
  EXPECT_TRUE(release(take(1).at(0)));
  const auto now = stats();
  EXPECT_EQ(now.ready + now.leased + now.waiting, 0);
}

TEST_F(Queue, NothingIsLeftInRedisWhenAllIsReleased) {
  for (unsigned i = 0; i < 20; ++i) offer(key(i % 3, i, i % 2 ? Stream::Bulk : Stream::Reply));
  for (const auto& lease : take(20)) release(lease);
  const auto left = loop.wait(link->ask({"KEYS", "*"})).value();
  std::vector<std::string> names;
  for (const auto& name : left.items) names.push_back(name.text.substr(name.text.rfind(':')));
  EXPECT_THAT(names, testing::ElementsAre(":numbers"));
}

TEST_F(Queue, AnOfferOnALeasedKeyBringsItBackOnRelease) {
  offer(key(1, 1));
  const auto lease = take(1).at(0);
  offer(key(1, 1));
  EXPECT_THAT(taken(5), IsEmpty());
  EXPECT_TRUE(release(lease));
  EXPECT_THAT(taken(5), ElementsAre(key(1, 1)));
}

TEST_F(Queue, WhatIsDueInAnHourIsTheStoresAlone) {
  offer(key(1, 1), in(std::chrono::hours(1)));
  offer(key(1, 2));
  EXPECT_TRUE(release(take(1).at(0), in(std::chrono::hours(1))));
  const auto now = stats();
  EXPECT_EQ(now.ready + now.leased + now.waiting, 0);
}

TEST_F(Queue, APausedOwnersKeysKeepTheirPlaces) {
  offer(key(1, 1));
  offer(key(1, 2));
  offer(key(2, 1));
  EXPECT_TRUE(loop.wait(queue->set_paused({key(1, 1).owner})).has_value());
  offer(key(1, 3));
  EXPECT_THAT(taken(5), ElementsAre(key(2, 1)));
  EXPECT_TRUE(loop.wait(queue->set_paused({})).has_value());
  EXPECT_THAT(taken(5), ElementsAre(key(1, 1), key(1, 2), key(1, 3)));
}

TEST_F(Queue, RepliesLeaveBulkOfAnotherOwnerItsShare) {
  for (unsigned i = 0; i < 8; ++i) offer(key(1, i));
  for (unsigned i = 0; i < 8; ++i) offer(key(2, i, Stream::Bulk));
  std::size_t bulk = 0;
  for (const auto& lease : turn({.most = 8, .bulk = 8, .owner = {.percent = 50}}).taken) {
    bulk += lease.key.stream == Stream::Bulk ? 1 : 0;
  }
  EXPECT_EQ(bulk, 4U);
}

TEST_F(Queue, AnOwnerHasNoMoreInFlightThanItMay) {
  for (unsigned i = 0; i < 8; ++i) offer(key(1, i));
  offer(key(2, 1));
  const OwnerLimits owner{.in_flight = 3};
  EXPECT_EQ(turn({.most = 8, .bulk = 8, .owner = owner}).taken.size(), 4U);
  EXPECT_THAT(turn({.most = 8, .bulk = 8, .owner = owner}).taken, IsEmpty());
}

TEST_F(Queue, CountsByOwner) {
  for (unsigned i = 0; i < 3; ++i) offer(key(1, i));
  offer(key(2, 1));
  take(2);
  const auto owners = loop.wait(queue->owner_stats()).value();
  ASSERT_EQ(owners.size(), 2U);
  EXPECT_EQ(owners[0].owner, key(1, 1).owner);
  EXPECT_EQ(owners[0].ready, 2U);
  EXPECT_EQ(owners[0].leased, 1U);
  EXPECT_EQ(owners[1].ready, 0U);
  EXPECT_EQ(owners[1].leased, 1U);
}

TEST_F(Queue, ADirtyKeyIsReadyAtOnceWhateverDueTimeItIsReleasedWith) {
  offer(key(1, 1));
  const auto lease = take(1).at(0);
  offer(key(1, 1));
  EXPECT_TRUE(release(lease, in(minutes(5))));
  EXPECT_EQ(stats().ready, 1);
}

TEST_F(Queue, TheDirtyMarkEndsWithItsLease) {
  offer(key(1, 1));
  auto lease = take(1).at(0);
  offer(key(1, 1));
  release(lease);
  lease = take(1).at(0);
  EXPECT_TRUE(release(lease));
  EXPECT_THAT(taken(5), IsEmpty());
}

TEST_F(Queue, AnOfferWithADueTimeOnALeasedKeyWaitsUntilThen) {
  offer(key(1, 1));
  const auto lease = take(1).at(0);
  offer(key(1, 1), in(minutes(5)));
  EXPECT_TRUE(release(lease));
  EXPECT_EQ(stats().waiting, 1);
}

TEST_F(Queue, ADueTimeIsWaitedFor) {
  offer(key(1, 1), in(minutes(5)));
  EXPECT_THAT(taken(5), IsEmpty());
  EXPECT_EQ(stats().waiting, 1);
  due_comes(key(1, 1));
  EXPECT_THAT(taken(5), ElementsAre(key(1, 1)));
}

TEST_F(Queue, AReleaseWithADueTimeWaits) {
  offer(key(1, 1));
  release(take(1).at(0), in(minutes(5)));
  EXPECT_EQ(stats().waiting, 1);
  due_comes(key(1, 1));
  EXPECT_THAT(taken(5), ElementsAre(key(1, 1)));
}

TEST_F(Queue, AnEarlierDueTimeWins) {
  offer(key(1, 1), in(minutes(5)));
  offer(key(1, 1), in(minutes(7)));
  const auto wake = next_wake();
  EXPECT_LE(wake.value(), minutes(5));
  offer(key(1, 1));
  EXPECT_THAT(taken(5), ElementsAre(key(1, 1)));
  EXPECT_EQ(stats().waiting, 0);
}

TEST_F(Queue, AReminderBringsWhatIsUnknownAtOnce) {
  remind(key(1, 1), in(std::chrono::minutes(1)));
  EXPECT_EQ(taken(5), std::vector{key(1, 1)});
}

TEST_F(Queue, WhoWaitsComesByTheRemindersTimeAtTheLatest) {
  offer(key(1, 1), in(std::chrono::seconds(30)));
  offer(key(1, 2), in(std::chrono::minutes(5)));
  remind(key(1, 1), in(std::chrono::minutes(1)));
  EXPECT_LE(next_wake(), std::chrono::seconds(30));
  due_comes(key(1, 1));
  EXPECT_EQ(taken(5), std::vector{key(1, 1)});
  remind(key(1, 2), in(std::chrono::minutes(1)));
  EXPECT_EQ(stats().waiting, 1);
  EXPECT_LE(next_wake(), std::chrono::minutes(1));
}

TEST_F(Queue, SomebodyWhoHasTheKeyIsLeftAlone) {
  offer(key(1, 1));
  const auto lease = take(1).at(0);
  remind(key(1, 1), in(std::chrono::seconds(30)));
  EXPECT_TRUE(release(lease, in(std::chrono::minutes(5))));
  EXPECT_EQ(stats().waiting, 1);
  EXPECT_LE(next_wake(), std::chrono::seconds(31));
}

TEST_F(Queue, ADueTimeThatIsOverIsReadyAtOnce) {
  offer(key(1, 1), in(milliseconds(-1)));
  EXPECT_EQ(stats().ready, 1);
}

TEST_F(Queue, NextWakeTellsTheNextDueTimeOrLeaseEnd) {
  EXPECT_FALSE(next_wake().has_value());
  offer(key(1, 1));
  take(1);
  const auto lease_end = next_wake().value();
  EXPECT_GT(lease_end, kLease - milliseconds(5000));
  EXPECT_LE(lease_end, kLease);
  offer(key(1, 2), in(milliseconds(20'000)));
  EXPECT_LE(next_wake().value(), milliseconds(20'000));
}

TEST_F(Queue, AnExpiredLeaseIsTakenBackAndItsTokenIsWorthless) {
  offer(key(1, 1));
  const auto stale = take(1).at(0);
  lease_runs_out(key(1, 1));
  const auto fresh = take(1).at(0);
  EXPECT_EQ(fresh.key, key(1, 1));
  EXPECT_NE(fresh.token, stale.token);
  EXPECT_FALSE(release(stale));
  EXPECT_FALSE(loop.wait(queue->extend(stale)).value());
  EXPECT_TRUE(loop.wait(queue->extend(fresh)).value());
  EXPECT_TRUE(release(fresh));
}

TEST_F(Queue, ExtendMovesTheEndOfALease) {
  offer(key(1, 1));
  offer(key(1, 2));
  const auto leases = take(2);
  set_score("leases", key(1, 1), to_millis(in(milliseconds(500))));
  EXPECT_TRUE(loop.wait(queue->extend(leases.at(0))).value());
  EXPECT_GT(next_wake().value(), kLease / 2);
  release(leases.at(1));
  const auto lost = loop.wait(queue->extend_all(leases)).value();
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost.at(0).key, key(1, 2));
}

TEST_F(Queue, ALeaseFromBeforeAFlushFitsNoLaterOne) {
  offer(key(1, 1));
  const auto stale = take(1).at(0);
  redis.flush_all();
  offer(key(1, 1));
  take(1);
  EXPECT_FALSE(release(stale));
}

TEST_F(Queue, ReplyGoesBeforeBulkOfTheSameOwner) {
  offer(key(1, 1, Stream::Bulk));
  offer(key(1, 2, Stream::Bulk));
  offer(key(1, 1, Stream::Reply));
  EXPECT_THAT(taken(5), ElementsAre(key(1, 1), key(1, 1, Stream::Bulk), key(1, 2, Stream::Bulk)));
}

TEST_F(Queue, OwnersTakeTurns) {
  for (unsigned i = 0; i < 3; ++i) offer(key(1, i));
  for (unsigned i = 0; i < 3; ++i) offer(key(2, i));
  EXPECT_THAT(taken(4), ElementsAre(key(1, 0), key(2, 0), key(1, 1), key(2, 1)));
}

TEST_F(Queue, TheOwnerWithFewestInFlightGoesFirst) {
  for (unsigned i = 0; i < 5; ++i) offer(key(1, i));
  const auto leases = take(3);
  offer(key(2, 0));
  EXPECT_THAT(taken(1), ElementsAre(key(2, 0)));
  for (const auto& lease : leases) release(lease);
  offer(key(2, 1));
  EXPECT_THAT(taken(3), ElementsAre(key(1, 3), key(1, 4), key(2, 1)));
}

TEST_F(Queue, AFloodOfOneOwnerDelaysAnotherByNoMoreThanATurn) {
  std::vector<Offer> flood;
  for (unsigned i = 0; i < 5'000; ++i) flood.push_back({.key = key(1, i), .due = std::nullopt});
  EXPECT_TRUE(loop.wait(queue->offer(flood)).has_value());
  take(8);
  offer(key(2, 1));
  EXPECT_THAT(taken(1), ElementsAre(key(2, 1)));
}

TEST_F(Queue, TenThousandOwnersEachGetTheirTurn) {
  std::vector<Offer> offers;
  for (unsigned owner = 0; owner < 10'000; ++owner) {
    offers.push_back({.key = key(owner, 1), .due = std::nullopt});
    offers.push_back({.key = key(owner, 2), .due = std::nullopt});
  }
  EXPECT_TRUE(loop.wait(queue->offer(offers)).has_value());
  std::set<TenantId> owners;
  for (int i = 0; i < 10; ++i) {
    for (const auto& lease : take(1'000)) owners.insert(lease.key.owner);
  }
  EXPECT_EQ(owners.size(), 10'000U);
  EXPECT_EQ(stats().ready, 10'000);
  EXPECT_EQ(stats().leased, 10'000);
}

TEST_F(Queue, GivesBackManyAndTakesOthersInOneGo) {
  for (unsigned at = 1; at <= 5; ++at) offer(key(at, 1));
  const auto first = take(3);
  lease_runs_out(first.at(1).key);
  const auto fresh = take(1);  // the expired one is behind the others
  ASSERT_EQ(fresh.at(0).key, key(4, 1));
  const auto turned = turn({.returns = {{.lease = first.at(0), .due = std::nullopt},
                                        {.lease = first.at(1), .due = std::nullopt},
                                        {.lease = first.at(2), .due = in(minutes(5))}},
                            .most = 5});
  ASSERT_EQ(turned.lost.size(), 1U);
  EXPECT_EQ(turned.lost.at(0).token, first.at(1).token);
  std::set<ReadyKey> keys;
  for (const auto& lease : turned.taken) keys.insert(lease.key);
  EXPECT_EQ(keys, (std::set<ReadyKey>{first.at(1).key, key(5, 1)}));
  EXPECT_EQ(stats().waiting, 1);
  EXPECT_EQ(stats().leased, 3);
}

TEST_F(Queue, RepliesGoBeforeBulkWhoeverOwnsThem) {
  offer(key(1, 1, Stream::Bulk));
  offer(key(2, 1, Stream::Bulk));
  offer(key(1, 2));
  offer(key(3, 1));
  take(2);  // the owners 1 and 3 have a reply in hand
  EXPECT_THAT(taken(2), ElementsAre(key(2, 1, Stream::Bulk), key(1, 1, Stream::Bulk)));
}

TEST_F(Queue, BulkTakesNoMorePlacesThanItMay) {
  for (unsigned at = 1; at <= 4; ++at) offer(key(1, at, Stream::Bulk));
  offer(key(2, 1));
  const auto some = turn({.most = 5, .bulk = 2}).taken;
  ASSERT_EQ(some.size(), 3U);
  EXPECT_EQ(some.at(0).key, key(2, 1));
  EXPECT_THAT(turn({.most = 5, .bulk = 0}).taken, IsEmpty());
  EXPECT_EQ(turn({.most = 5, .bulk = 5}).taken.size(), 2U);
}

TEST_F(Queue, TwoQueuesDoNotSeeEachOther) {
  KeyedQueue sends(*link, "sends", kLease);
  offer(key(1, 1));
  EXPECT_THAT(loop.wait(sends.turn({.most = 5, .bulk = 5})).value().taken, IsEmpty());
}

TEST_F(Queue, EveryCallIsUnavailableWhileRedisIsAway) {
  redis.kill_it();
  ASSERT_TRUE(loop.run_until([&] { return !link->is_up(); }));
  EXPECT_EQ(loop.wait(queue->offer({{.key = key(1, 1), .due = std::nullopt}})).error().kind(), ErrorKind::Unavailable);
  EXPECT_EQ(loop.wait(queue->turn({.most = 1})).error().kind(), ErrorKind::Unavailable);
  EXPECT_EQ(loop.wait(queue->stats()).error().kind(), ErrorKind::Unavailable);
}

}  // namespace
}  // namespace waypost
