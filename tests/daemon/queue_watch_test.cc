// QueueWatch on a real Redis and a real store: stop buttons outlive a FLUSHALL, and what is shown is what is there.

#include "daemon/queue_watch.h"

#include <gmock/gmock.h>

#include "base/metrics.h"
#include "daemon/sweep_sources.h"
#include "store/queue_pauses.h"
#include "tests/queue/queue_fixture.h"
#include "tests/support/passing_database.h"
#include "tests/support/temp_store.h"

namespace waypost::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// Between the first reading and its answer something happens on the loop.
class InterruptedReading final : public PassingDatabase {
 public:
  InterruptedReading(sql::Database& real, RunLoop& loop) : PassingDatabase(real), loop_(loop) {}
  void submit_read(sql::Job job) override {
    if (!std::exchange(read_, true)) job.done = behind_meanwhile(std::move(job.done));
    PassingDatabase::submit_read(std::move(job));
  }
  std::function<awaitable<bool>()> meanwhile;

 private:
  std::move_only_function<void(std::optional<Error>)> behind_meanwhile(
      std::move_only_function<void(std::optional<Error>)> done) {
    return [this, done = std::move(done)](std::optional<Error> error) mutable {
      asio::co_spawn(loop_.context(), meanwhile(),
                     [done = std::move(done), error = std::move(error)](const std::exception_ptr&, bool) mutable {
                       done(std::move(error));
                     });
    };
  }

  RunLoop& loop_;
  bool read_ = false;
};

class Watch : public QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    sends = std::make_unique<KeyedQueue>(*link, "sends", kLease);
    media = std::make_unique<KeyedQueue>(*link, "media", kLease);
    watch = std::make_unique<QueueWatch>(QueueWatchParts{
        .loop = loop.executor(), .database = *store.database, .clock = store.clock, .queues = queues()});
  }
  void TearDown() override {
    if (started) loop.wait(watch->stop());
    QueueFixture::TearDown();
  }
  void start() {
    started = true;
    watch->start({.mine = [this] { return mine; },
                  .applied_until = [this] { return std::optional(store.clock.now() - seconds(7)); }});
  }
  void given_pause() {
    store.run([this](sql::Connection& connection) {
      store::pause(connection,
                   {.reach = {.tenant = store.tenant}, .paused_by = "admin", .created_at = store.clock.now()});
    });
  }
  void resume() {
    store.run([this](sql::Connection& connection) {
      store::resume(connection, {.tenant = store.tenant}, store::WorkQueue::Runs);
    });
  }
  bool knows_pause() { return redis.command({"EXISTS", "{waypost}:queue:runs:paused"}) == ":1\r\n"; }
  ReadyKey ours(unsigned conversation) {
    return {.owner = store.tenant, .key = {uuid_of(conversation)}, .stream = Stream::Reply};
  }
  WorkQueues queues() { return {.runs = *queue, .sends = *sends, .media = *media}; }
  bool is_taken() { return !take(1).empty(); }
  bool soon(const std::function<bool()>& holds) { return loop.run_until(holds, std::chrono::milliseconds(10'000)); }

  TempStore store;
  std::unique_ptr<KeyedQueue> sends;
  std::unique_ptr<KeyedQueue> media;
  std::unique_ptr<QueueWatch> watch;
  bool mine = true;
  bool started = false;
};

TEST_F(Watch, APausedOwnersKeysAreNotTaken) {
  given_pause();
  ASSERT_TRUE(loop.wait(watch->sync_pauses()));
  offer(ours(1));
  EXPECT_FALSE(is_taken());
  resume();
  ASSERT_TRUE(loop.wait(watch->sync_pauses()));
  EXPECT_TRUE(is_taken());
}

// Another node's reading is older than ours, and it tells after us.
TEST_F(Watch, OfTwoNodesTheOneThatTellsLastTellsTheTruth) {
  InterruptedReading old(*store.database, loop);
  QueueWatch other({.loop = loop.executor(), .database = old, .clock = store.clock, .queues = queues()});
  bool told = false;
  old.meanwhile = [&]() -> awaitable<bool> {
    given_pause();
    const auto ours = co_await watch->sync_pauses();
    told = ours.has_value() && knows_pause();
    co_return told;
  };
  ASSERT_TRUE(loop.wait(other.sync_pauses()));
  EXPECT_TRUE(told);
  EXPECT_TRUE(knows_pause());
}

TEST_F(Watch, APauseIsToldAtTheStart) {
  given_pause();
  mine = false;
  start();
  ASSERT_TRUE(soon([&] { return knows_pause(); }));
  offer(ours(1));
  EXPECT_FALSE(is_taken());
}

// By the looks of the sweep: for everything, and for what is overdue.
TEST_F(Watch, APauseOutlivesWhatRedisForgets) {
  Sweep sweep(loop.executor(), *link, queues());
  given_pause();
  sweep.start(watch->behind_pauses(sweep_source(*store.database, store.clock)),
              {.interval = std::chrono::milliseconds(20), .overdue_every = std::chrono::milliseconds(40)});
  ASSERT_TRUE(soon([&] { return sweep.full_sweeps() == 1; }));
  redis.flush_all();
  ASSERT_TRUE(soon([&] { return sweep.full_sweeps() == 2; }));
  EXPECT_TRUE(knows_pause());
  redis.command({"DEL", "{waypost}:queue:runs:paused"});
  EXPECT_TRUE(soon([&] { return knows_pause(); }));
  EXPECT_EQ(sweep.full_sweeps(), 2U);
  loop.wait(sweep.stop());
}

TEST_F(Watch, BeforeEverythingIsOfferedAgainPausesAreTold) {
  given_pause();
  int pages = 0;
  const auto source = watch->behind_pauses([&](DueSpan, std::string cursor) -> awaitable<Result<SweepPage>> {
    ++pages;
    co_return SweepPage{.signals = {}, .next = cursor + "x"};
  });
  ASSERT_TRUE(loop.wait(source({}, "")));
  offer(ours(1));
  EXPECT_FALSE(is_taken());
  resume();
  ASSERT_TRUE(loop.wait(source({}, "x")));
  EXPECT_FALSE(is_taken());
  redis.stop();
  EXPECT_FALSE(loop.wait(source({}, "")));
  EXPECT_EQ(pages, 2);
}

TEST_F(Watch, OwnersAreCounted) {
  offer(ours(1));
  offer(ours(2));
  take(1);
  const auto state = loop.wait(watch->state(QueueName::Runs));
  ASSERT_TRUE(state);
  EXPECT_EQ(state->stats.ready, 1);
  ASSERT_EQ(state->owners.size(), 1U);
  EXPECT_EQ(state->owners[0].owner, store.tenant);
  EXPECT_EQ(state->owners[0].leased, 1U);
}

TEST_F(Watch, WhoSweepsShowsTheQueuesAndTakesThemBack) {
  offer(ours(1));
  start();
  const std::string ready = R"(waypost_queue_owner_ready{queue="runs",workspace="one",workspace_id=")";
  ASSERT_TRUE(soon([&] { return metrics_text().find(ready) != std::string::npos; }));
  const auto text = metrics_text();
  EXPECT_THAT(text, HasSubstr(R"(waypost_queue_depth{queue="runs",state="ready"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(waypost_queue_waiting{queue="sends",reason="token"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"(waypost_queue_buried{queue="sends"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"(waypost_oldest_unprocessed_seconds{stage="webhook",workspace="",workspace_id=""} 7)"));
  loop.wait(watch->stop());
  started = false;
  EXPECT_THAT(metrics_text(), Not(HasSubstr("waypost_queue_depth{")));
}

TEST_F(Watch, ANodeThatDoesNotSweepShowsItsWebhooksOnly) {
  mine = false;
  start();
  ASSERT_TRUE(soon([] { return metrics_text().find("stage=\"webhook\"") != std::string::npos; }));
  EXPECT_THAT(metrics_text(), Not(HasSubstr("waypost_queue_depth{")));
}

TEST_F(Watch, WithoutRedisItSaysSo) {
  redis.stop();
  EXPECT_FALSE(loop.wait(watch->sync_pauses()));
  EXPECT_FALSE(loop.wait(watch->state(QueueName::Sends)));
}

}  // namespace
}  // namespace waypost::test
