#include "outbound/pacing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "conversation/throughput.h"

namespace waypost {
namespace {

using std::chrono::minutes;

struct PacingTest : testing::Test {
  PaceKey key(const ChannelId& channel, const ConversationId& conversation, SendRank rank = SendRank::Reply) const {
    return {.number = channel, .pair = conversation, .account = "waba", .rank = rank, .per_second = per_second};
  }
  std::optional<Time> ask(Pacing& pacing, SendRank rank = SendRank::Reply) {
    return pacing.take(key(number, ConversationId::make(now), rank), now);
  }
  // How many fresh pairs may send in this very moment.
  int burst(Pacing& pacing, SendRank rank = SendRank::Reply) {
    int sent = 0;
    while (!ask(pacing, rank)) ++sent;
    return sent;
  }
  // How many get out in `span`, asking every millisecond.
  int sent_within(Pacing& pacing, milliseconds span) {
    int sent = 0;
    for (const Time end = now + span; now < end; now += milliseconds(1)) sent += burst(pacing);
    return sent;
  }

  Time now = from_millis(1'760'000'000'000);
  double rate(Pacing& pacing, Time at) const { return pacing.rate_of(key(number, pair), at); }

  SendingSettings settings{};
  double per_second = full_rate(Json::object(), settings);
  ChannelId number = ChannelId::make(now);
  ConversationId pair = ConversationId::make(now);
};

TEST_F(PacingTest, ANumberSendsItsThroughputLessTheReserve) {
  Pacing pacing(settings);
  sent_within(pacing, seconds(1));
  const int sent = sent_within(pacing, seconds(10));
  EXPECT_NEAR(sent, 600, 6);
}

TEST_F(PacingTest, ItsBurstIsSmall) {
  Pacing pacing(settings);
  EXPECT_LE(burst(pacing), 7);
}

TEST_F(PacingTest, NumbersDoNotMeet) {
  Pacing pacing(settings);
  burst(pacing);
  EXPECT_EQ(pacing.take(key(ChannelId::make(now), pair), now), std::nullopt);
}

TEST_F(PacingTest, APairHasABurstOf45ThenOneInSixSeconds) {
  per_second = 100'000;
  Pacing pacing(settings);
  int sent = 0;
  while (!pacing.take(key(number, pair), now)) ++sent;
  EXPECT_EQ(sent, 45);
  EXPECT_EQ(pacing.take(key(number, pair), now), now + seconds(6));
  now += seconds(6);
  EXPECT_EQ(pacing.take(key(number, pair), now), std::nullopt);
  EXPECT_EQ(pacing.take(key(number, pair), now), now + seconds(6));
}

TEST_F(PacingTest, AThrottledNumberIsHalvedAndClimbsBack) {
  Pacing pacing(settings);
  EXPECT_DOUBLE_EQ(rate(pacing, now), 60);
  pacing.pause_number(number, now + seconds(1), now);
  EXPECT_DOUBLE_EQ(rate(pacing, now), 30);
  EXPECT_DOUBLE_EQ(rate(pacing, now + seconds(150)), 45);
  EXPECT_DOUBLE_EQ(rate(pacing, now + minutes(6)), 60);
}

TEST_F(PacingTest, ThrottlesOfOneMomentHalveOnce) {
  Pacing pacing(settings);
  for (int i = 0; i < 5; ++i) pacing.pause_number(number, now + seconds(1), now + milliseconds(i));
  EXPECT_GE(rate(pacing, now), 30);
  pacing.pause_number(number, now, now + seconds(3));
  EXPECT_NEAR(rate(pacing, now + seconds(3)), 15, 0.5);
}

TEST_F(PacingTest, ANumberThatIsThrottledAgainAndAgainStillSends) {
  Pacing pacing(settings);
  for (int i = 0; i < 50; ++i) pacing.pause_number(number, now, now + seconds(3 * i));
  EXPECT_GE(rate(pacing, now + seconds(150)), 1);
}

TEST_F(PacingTest, EachNumberHasItsOwnRate) {
  const auto said = [](Json fields) { return *with_number_fields(Json::object(), fields, from_millis(0)); };
  const auto beside_app = said({{"is_on_biz_app", true}});
  const auto high = said({{"throughput", {{"level", "HIGH"}}}});
  EXPECT_DOUBLE_EQ(full_rate(Json::object(), settings), 60);
  EXPECT_DOUBLE_EQ(full_rate(beside_app, settings), 15);
  EXPECT_DOUBLE_EQ(full_rate(high, settings), 750);
  settings.number_per_second = 40;
  EXPECT_DOUBLE_EQ(full_rate(beside_app, settings), 15);
  EXPECT_DOUBLE_EQ(full_rate(high, settings), 30);
  settings.inbound_reserve_percent = 0;
  EXPECT_DOUBLE_EQ(full_rate(beside_app, settings), 20);
}

TEST_F(PacingTest, ANumberBesideTheAppSendsAtItsRateAndIsHalvedFromThere) {
  per_second = 15;
  Pacing pacing(settings);
  sent_within(pacing, seconds(1));
  EXPECT_NEAR(sent_within(pacing, seconds(10)), 150, 2);
  pacing.pause_number(number, now, now);
  EXPECT_DOUBLE_EQ(rate(pacing, now), 7.5);
  EXPECT_DOUBLE_EQ(rate(pacing, now + minutes(6)), 15);
}

// Also where its burst is the smallest.
TEST_F(PacingTest, BulkLeavesAReplyRoomOfTheSmallestBurst) {
  per_second = 15;
  Pacing pacing(settings);
  EXPECT_EQ(burst(pacing, SendRank::Bulk), 1);
  EXPECT_EQ(ask(pacing), std::nullopt);
}

TEST_F(PacingTest, WhenMetaRaisesANumberItsRateFollowsAtOnce) {
  Pacing pacing(settings);
  sent_within(pacing, seconds(1));
  per_second = 750;
  EXPECT_NEAR(sent_within(pacing, seconds(2)), 1'500, 80);
}

TEST_F(PacingTest, PausesHoldWhomTheyName) {
  Pacing pacing(settings);
  pacing.pause_pair(pair, now + seconds(4));
  EXPECT_EQ(pacing.take(key(number, pair), now), now + seconds(4));
  EXPECT_EQ(pacing.take(key(number, ConversationId::make(now)), now), std::nullopt);
  pacing.pause_account("waba", now + minutes(1));
  EXPECT_EQ(pacing.take(key(ChannelId::make(now), ConversationId::make(now)), now), now + minutes(1));
  EXPECT_EQ(pacing.take(key(number, pair), now + minutes(1)), std::nullopt);
}

// Otherwise all come back at once, again and again.
TEST_F(PacingTest, ThoseWhoWaitForANumberAreToldDifferentTimes) {
  Pacing pacing(settings);
  burst(pacing);
  std::set<Time> times;
  for (int i = 0; i < 60; ++i) times.insert(*pacing.take(key(number, ConversationId::make(now)), now));
  EXPECT_GE(times.size(), 59U);
  EXPECT_LE(*times.rbegin(), now + milliseconds(1'100));
}

// Else its turn would go unused, and all the others' with it when all are offered anew.
TEST_F(PacingTest, WhoAsksBeforeItsTurnKeepsIt) {
  Pacing pacing(settings);
  burst(pacing);
  for (int i = 0; i < 60; ++i) ask(pacing);
  const auto told = pacing.take(key(number, pair), now);
  ASSERT_TRUE(told);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pacing.take(key(number, pair), now), told);
  EXPECT_LE(ask(pacing), *told + milliseconds(20)) << "and no other turn was given away";
  now = *told - milliseconds(1);
  EXPECT_EQ(pacing.take(key(number, pair), now), told);
  now = *told;
  EXPECT_EQ(pacing.take(key(number, pair), now), std::nullopt);
}

TEST_F(PacingTest, AllWhoAreOfferedAnewSendAtTheSamePace) {
  Pacing pacing(settings);
  std::vector<ConversationId> pairs;
  for (int i = 0; i < 1'000; ++i) pairs.push_back(ConversationId::make(now));
  std::vector<Time> next(pairs.size(), now);
  int sent = 0;
  const Time begin = now;
  for (; now < begin + seconds(30); now += milliseconds(1)) {
    const bool swept = (now - begin) % seconds(5) == milliseconds(0);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (next[i] > now && !swept) continue;
      const auto until = pacing.take(key(number, pairs[i]), now);
      if (!until) ++sent;
      next[i] = until.value_or(now);
    }
  }
  EXPECT_GE(sent, 0.98 * 30 * 60);
}

TEST_F(PacingTest, AReplyFindsRoomBesideAnyAmountOfBulk) {
  Pacing pacing(settings);
  std::multiset<Time> bulk;  // when those that wait come back
  for (int i = 0; i < 2'000; ++i) bulk.insert(now);
  int sent = 0;
  milliseconds longest{0};
  const Time end = now + seconds(20);
  for (; now < end; now += milliseconds(1)) {
    while (!bulk.empty() && *bulk.begin() <= now) {
      bulk.erase(bulk.begin());
      if (const auto until = ask(pacing, SendRank::Bulk)) {
        bulk.insert(*until);
      } else {
        ++sent;
      }
    }
    const bool replies = (end - now) % milliseconds(250) == milliseconds(0);
    if (const auto until = replies ? ask(pacing) : std::nullopt) longest = std::max(longest, *until - now);
  }
  EXPECT_LE(longest, milliseconds(20));
  EXPECT_GE(sent, 0.95 * 20 * (60 - 4));
  EXPECT_LE(sent, 20 * 60);
}

TEST_F(PacingTest, BulkWaitsBehindRepliesThatWereToldTo) {
  Pacing pacing(settings);
  burst(pacing);
  Time last{};
  for (int i = 0; i < 60; ++i) last = std::max(last, *ask(pacing));
  EXPECT_GE(ask(pacing, SendRank::Bulk), last);
}

TEST_F(PacingTest, AHurriedReplyPassesThoseThatWait) {
  Pacing pacing(settings);
  burst(pacing);
  for (int i = 0; i < 60; ++i) ask(pacing);
  EXPECT_GE(*ask(pacing), now + milliseconds(900));
  EXPECT_LE(*ask(pacing, SendRank::Hurried), now + milliseconds(17));
}

TEST_F(PacingTest, WhoseWindowEndsSoonIsHurried) {
  EXPECT_EQ(rank_of(false, now + minutes(9), now), SendRank::Hurried);
  EXPECT_EQ(rank_of(false, now + minutes(10), now), SendRank::Reply);
  EXPECT_EQ(rank_of(false, now - minutes(1), now), SendRank::Reply);
  EXPECT_EQ(rank_of(false, std::nullopt, now), SendRank::Reply);
  EXPECT_EQ(rank_of(true, now + minutes(9), now), SendRank::Bulk);
}

TEST_F(PacingTest, SwitchedOffOnlyMetasPausesHold) {
  settings.pacing = false;
  Pacing pacing(settings);
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(pacing.take(key(number, pair), now), std::nullopt);
  pacing.pause_pair(pair, now + seconds(4));
  EXPECT_EQ(pacing.take(key(number, pair), now), now + seconds(4));
}

}  // namespace
}  // namespace waypost
