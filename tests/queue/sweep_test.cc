#include "queue/sweep.h"

#include <gmock/gmock.h>

#include <utility>

#include "queue/loop_signals.h"
#include "tests/queue/queue_fixture.h"

namespace waypost {
namespace {

using std::chrono::milliseconds;
using test::key;

// Rows with due work, read in pages of `page`.
struct Rows {
  std::vector<Signal> rows;
  std::size_t page = 10;
  int reads = 0;
  bool away = false;
  std::function<void()> between_pages = [] {};
};

awaitable<Result<SweepPage>> read_page(Rows& from, std::string cursor) {
  ++from.reads;
  if (from.away) co_return fail(ErrorKind::Unavailable, "the store is away");
  const std::size_t begin = cursor.empty() ? 0 : std::stoul(cursor);
  if (begin > 0) from.between_pages();
  const auto end = std::min(begin + from.page, from.rows.size());
  SweepPage page;
  for (auto i = begin; i < end; ++i) page.signals.push_back(from.rows[i]);
  if (end < from.rows.size()) page.next = std::to_string(end);
  co_return page;
}

class SweepTest : public test::QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    sends = std::make_unique<KeyedQueue>(*link, "sends", kLease);
    media = std::make_unique<KeyedQueue>(*link, "media", kLease);
    sweep =
        std::make_unique<Sweep>(loop.executor(), *link, WorkQueues{.runs = *queue, .sends = *sends, .media = *media});
    for (unsigned i = 0; i < 35; ++i) {
      everything.rows.push_back(
          {.queue = i % 5 ? QueueName::Runs : QueueName::Sends, .key = key(i % 3, i), .due = std::nullopt});
    }
  }
  void TearDown() override {
    loop.wait(sweep->stop());
    QueueFixture::TearDown();
  }
  void start(milliseconds untouched = std::chrono::minutes(1)) {
    sweep->start(
        [this](DueSpan span, std::string cursor) {
          const bool is_past = span.until < SystemClock().now();
          return read_page(is_past ? overdue : (span.from == Time::min() ? everything : near), std::move(cursor));
        },
        {.interval = milliseconds(20),
         .overdue_every = milliseconds(60),
         .untouched = untouched,
         .mirror_every = milliseconds(200),
         .mine = [this] { return mine; }});
  }
  bool swept(std::uint64_t times) {
    return loop.run_until([&] { return sweep->full_sweeps() >= times; }, std::chrono::seconds(5));
  }
  // What is ready in both queues.
  std::size_t all_ready() {
    const auto in_sends = loop.wait(sends->stats());
    return static_cast<std::size_t>(stats().ready + in_sends.value().ready);
  }

  // What the sweep finds overdue again and again, and Redis knows to wait so long.
  void given_overdue_that_waits(milliseconds pause) {
    everything.rows.clear();
    overdue.rows.push_back({.queue = QueueName::Runs, .key = key(9, 9), .due = std::nullopt});
    offer(key(9, 9));
    ASSERT_TRUE(release(take(1).at(0), in(pause)));
    start();
    ASSERT_TRUE(loop.run_until([&] { return overdue.reads >= 3; }));
    EXPECT_EQ(stats().waiting, 1);
  }

  bool is_wanted() { return redis.command({"EXISTS", "{waypost}:epoch:wanted"}) == ":1\r\n"; }

  bool mine = true;
  Rows everything;
  Rows overdue;
  Rows near;  // what came nearer than kMirrored since the last look
  std::unique_ptr<KeyedQueue> sends;
  std::unique_ptr<KeyedQueue> media;
  std::unique_ptr<Sweep> sweep;
};

TEST_F(SweepTest, OffersWhatHasComeNear) {
  everything.rows.clear();
  start();
  ASSERT_TRUE(swept(1));
  near.rows.push_back({.queue = QueueName::Runs, .key = key(9, 9), .due = in(std::chrono::minutes(10))});
  ASSERT_TRUE(loop.run_until([&] { return near.reads >= 2; }));
  EXPECT_EQ(stats().waiting, 1);
  EXPECT_EQ(everything.reads, 1);
}

TEST_F(SweepTest, OffersEverythingAtStart) {
  start();
  ASSERT_TRUE(swept(1));
  EXPECT_EQ(all_ready(), 35U);
  EXPECT_EQ(loop.wait(sends->stats()).value().ready, 7);
  EXPECT_EQ(everything.reads, 4);
}

TEST_F(SweepTest, OffersEverythingOnceWhileNothingIsLost) {
  start();
  ASSERT_TRUE(swept(1));
  loop.run_until([&] { return overdue.reads >= 3; }, std::chrono::seconds(5));
  EXPECT_EQ(overdue.reads, 3);
  EXPECT_EQ(sweep->full_sweeps(), 1U);
}

TEST_F(SweepTest, AFlushIsSeenAndEverythingOfferedAgain) {
  start();
  ASSERT_TRUE(swept(1));
  redis.flush_all();
  ASSERT_TRUE(swept(2));
  EXPECT_EQ(all_ready(), 35U);
}

TEST_F(SweepTest, ARedisThatComesBackEmptyGetsEverythingWithinFiveSeconds) {
  start();
  ASSERT_TRUE(swept(1));
  redis.kill_it();
  ASSERT_TRUE(loop.run_until([&] { return !link->is_up(); }));
  redis.start();
  ASSERT_TRUE(swept(2));
  EXPECT_EQ(all_ready(), 35U);
}

TEST_F(SweepTest, ALinkThatCameBackIsReasonEnough) {
  start();
  ASSERT_TRUE(swept(1));
  redis.command({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_TRUE(swept(2));
}

TEST_F(SweepTest, ARedisThatHungIsServedAgain) {
  start();
  ASSERT_TRUE(swept(1));
  redis.pause();
  ASSERT_TRUE(loop.run_until([&] { return !link->is_up(); }));
  redis.resume();
  EXPECT_TRUE(swept(2));
}

TEST_F(SweepTest, AFlushBetweenTwoPagesIsNotOverlooked) {
  int flushes = 0;
  everything.between_pages = [&] {
    if (++flushes == 2) redis.flush_all();
  };
  start();
  ASSERT_TRUE(swept(1));
  EXPECT_EQ(all_ready(), 35U);
}

TEST_F(SweepTest, AStoreThatIsAwayIsAskedAgain) {
  everything.away = true;
  start();
  ASSERT_TRUE(loop.run_until([&] { return everything.reads >= 3; }));
  EXPECT_EQ(sweep->full_sweeps(), 0U);
  everything.away = false;
  ASSERT_TRUE(swept(1));
  EXPECT_EQ(all_ready(), 35U);
}

TEST_F(SweepTest, OverdueRowsAreOfferedEveryFewIntervals) {
  everything.rows.clear();
  overdue.rows.push_back({.queue = QueueName::Runs, .key = key(9, 9), .due = std::nullopt});
  start();
  ASSERT_TRUE(loop.run_until([&] { return overdue.reads >= 2; }));
  EXPECT_EQ(taken(5), std::vector{key(9, 9)});
}

// Whose number has its pace waits for its turn there: an offer would let it ask for another.
TEST_F(SweepTest, WhoWaitsForALaterTimeIsLeftToWait) {
  given_overdue_that_waits(std::chrono::seconds(30));
  EXPECT_GT(next_wake(), std::chrono::seconds(20));
}

TEST_F(SweepTest, WhoWaitsForTooLateATimeComesWithinAMinute) {
  given_overdue_that_waits(std::chrono::minutes(9));
  EXPECT_LE(next_wake(), std::chrono::minutes(1));
}

// A reminder for a time of which Redis is not told would not be said.
TEST_F(SweepTest, WhatIsUnknownComesAtOnceHoweverLongWorkIsLeftAlone) {
  everything.rows.clear();
  overdue.rows.push_back({.queue = QueueName::Runs, .key = key(9, 9), .due = std::nullopt});
  start(std::chrono::hours(1));
  ASSERT_TRUE(loop.run_until([&] { return overdue.reads >= 2; }));
  EXPECT_EQ(taken(5), std::vector{key(9, 9)});
}

TEST_F(SweepTest, WhoseFailureHasATimeIsOfferedForThen) {
  everything.rows.clear();
  overdue.rows.push_back({.queue = QueueName::Runs, .key = key(9, 9), .due = in(std::chrono::minutes(5))});
  start();
  ASSERT_TRUE(loop.run_until([&] { return overdue.reads >= 2; }));
  EXPECT_EQ(stats().waiting, 1);
  EXPECT_GT(next_wake(), std::chrono::minutes(4));
}

TEST_F(SweepTest, WhoDoesNotSweepAsksForItWhenItsLinkCameBack) {
  mine = false;
  start();
  ASSERT_TRUE(loop.run_until([&] { return is_wanted(); }, std::chrono::seconds(5)));
  redis.command({"DEL", "{waypost}:epoch:wanted"});
  loop.run_until([] { return false; }, milliseconds(100));
  EXPECT_FALSE(is_wanted());
  redis.command({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_TRUE(loop.run_until([&] { return is_wanted(); }, std::chrono::seconds(5)));
  EXPECT_EQ(everything.reads + overdue.reads, 0);
}

TEST_F(SweepTest, WhatAnotherNodeWantsIsOfferedOnce) {
  start();
  ASSERT_TRUE(swept(1));
  redis.command({"SET", "{waypost}:epoch:wanted", "1"});
  ASSERT_TRUE(swept(2));
  EXPECT_FALSE(is_wanted());
  loop.run_until([] { return false; }, milliseconds(100));
  EXPECT_EQ(sweep->full_sweeps(), 2U);
}

TEST_F(SweepTest, WhatIsWantedDuringAFullSweepIsOfferedBehindIt) {
  bool asked = false;
  everything.between_pages = [&] {
    if (!std::exchange(asked, true)) redis.command({"SET", "{waypost}:epoch:wanted", "1"});
  };
  start();
  EXPECT_TRUE(swept(2));
}

// By this node itself: another one's death is seen while the pages are read.
TEST_F(SweepTest, WhatThisNodeWantsDuringAFullSweepIsOfferedBehindIt) {
  bool asked = false;
  everything.between_pages = [&] {
    if (!std::exchange(asked, true)) sweep->want_everything();
  };
  start();
  EXPECT_TRUE(swept(2));
  loop.run_until([&] { return overdue.reads >= 2; }, std::chrono::seconds(5));
  EXPECT_EQ(sweep->full_sweeps(), 2U);
}

TEST_F(SweepTest, WhoTakesOverBeginsWithEverything) {
  mine = false;
  start();
  ASSERT_TRUE(loop.run_until([&] { return is_wanted(); }, std::chrono::seconds(5)));
  redis.command({"SET", "{waypost}:epoch", "of the one before"});
  redis.command({"DEL", "{waypost}:epoch:wanted"});
  mine = true;
  ASSERT_TRUE(swept(1));
  EXPECT_EQ(all_ready(), 35U);
}

}  // namespace
}  // namespace waypost
