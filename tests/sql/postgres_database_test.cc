#include "sql/postgres_database.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <set>
#include <thread>

#include "base/log.h"
#include "sql/dialect.h"
#include "store/migrate.h"
#include "tests/support/cutting_proxy.h"
#include "tests/support/run_loop.h"
#include "tests/support/store_place.h"

namespace waypost::sql {
namespace {

using std::chrono::milliseconds;

class PostgresDatabase : public ::testing::Test {
 protected:
  void SetUp() override {
    settings_.url = place_.url();
    open();
    given("CREATE TABLE t(a bigint PRIMARY KEY, b bigint NOT NULL DEFAULT 0)");
  }
  void open() { database_ = open_postgres(settings_).value(); }
  void given(const char* script) {
    ASSERT_TRUE(database_->write_and_wait(0, [script](Connection& connection) { connection.script(script); }));
  }
  std::int64_t number(std::string_view text) {
    return database_->read_and_wait([text](Connection& connection) { return connection.run(text).front().number(0); })
        .value();
  }
  // A key that another lane has.
  LaneKey other_lane(LaneKey than) {
    const auto backend = [this](LaneKey key) {
      return database_
          ->write_and_wait(key, [](Connection& c) { return c.run("SELECT pg_backend_pid()").front().number(0); })
          .value();
    };
    const auto taken = backend(than);
    while (backend(++than.value) == taken) {
    }
    return than;
  }
  // Fills the key's lane behind a unit that waits for release(): what is submitted meanwhile is one batch.
  void hold_lane(LaneKey key) {
    std::latch inside(1);
    database_->submit_write(key, Urgency::Urgent,
                            {.unit =
                                 [&](Connection&) {
                                   inside.count_down();
                                   released_.wait();
                                   return std::nullopt;
                                 },
                             .done = [](std::optional<Error>) {}});
    inside.wait();
  }

  test::StorePlace place_ = test::StorePlace::on_postgres(test::Schema::None);
  PostgresSettings settings_;
  std::latch released_{1};
  std::unique_ptr<Database> database_;
};

TEST_F(PostgresDatabase, KeysSpreadOverTheLanesAndEachKeepsItsOwn) {
  std::set<std::int64_t> backends;
  for (std::uint64_t key = 0; key < 32; ++key) {
    const auto backend = [&] {
      return database_
          ->write_and_wait(key, [](Connection& c) { return c.run("SELECT pg_backend_pid()").front().number(0); })
          .value();
    };
    const auto first = backend();
    EXPECT_EQ(backend(), first);
    backends.insert(first);
  }
  EXPECT_EQ(backends.size(), settings_.writers);
}

TEST_F(PostgresDatabase, EveryLaneCanBeAskedAndKnowsItsNumber) {
  ASSERT_EQ(database_->write_lanes(), settings_.writers);
  std::set<std::int64_t> backends;
  for (std::size_t lane = 0; lane < settings_.writers; ++lane) {
    std::promise<void> done;
    database_->submit_to_write_lane(lane, {.unit = [&](Connection& c) -> std::optional<Error> {
                                             EXPECT_EQ(c.lane(), lane);
                                             backends.insert(c.run("SELECT pg_backend_pid()").front().number(0));
                                             return std::nullopt;
                                           },
                                           .done = [&](const std::optional<Error>&) { done.set_value(); }});
    done.get_future().wait();
  }
  EXPECT_EQ(backends.size(), settings_.writers);
}

TEST_F(PostgresDatabase, AKeysWritesRunInTheirOrderWhileOthersRunBeside) {
  std::vector<std::thread> threads;
  for (std::int64_t key = 0; key < 6; ++key) {
    threads.emplace_back([this, key] {
      for (std::int64_t at = 0; at < 100; ++at) {
        database_->submit_write(static_cast<std::uint64_t>(key), Urgency::Urgent,
                                {.unit = [key, at](Connection& c) -> std::optional<Error> {
                                   c.run("INSERT INTO t VALUES ($1, (SELECT count(*) FROM t WHERE a / 1000 = $2))",
                                         {key * 1000 + at, key});
                                   return std::nullopt;
                                 },
                                 .done = [](const std::optional<Error>& error) { EXPECT_FALSE(error); }});
      }
    });
  }
  for (auto& thread : threads) thread.join();
  database_.reset();
  open();
  EXPECT_EQ(number("SELECT count(*) FROM t"), 600);
  EXPECT_EQ(number("SELECT count(*) FROM t WHERE a % 1000 <> b"), 0);
}

TEST_F(PostgresDatabase, ABadUnitInABatchHarmsOnlyItself) {
  std::vector<std::string> answers;
  hold_lane(7);
  for (const std::int64_t a : {1, 2, 2, 3}) {
    database_->submit_write(
        7, Urgency::Urgent,
        {.unit = [a](Connection& c) -> std::optional<Error> {
           c.run("INSERT INTO t VALUES ($1)", {a});
           return std::nullopt;
         },
         .done = [&](std::optional<Error> error) { answers.emplace_back(error ? name_of(error->kind()) : "done"); }});
  }
  released_.count_down();
  EXPECT_TRUE(database_->write_and_wait(7, [](Connection&) {}));
  EXPECT_EQ(answers, (std::vector<std::string>{"done", "done", "conflict", "done"}));
  EXPECT_EQ(number("SELECT count(*) FROM t"), 3);
}

// Another transaction takes the key between the unit's look and its insert, as another lane or node may.
TEST_F(PostgresDatabase, OfRowsThatWereKeptBackABadOneHarmsOnlyItsUnit) {
  static const Insertion kInto("t", "a");
  std::vector<std::string> answers;
  hold_lane(7);
  for (const std::int64_t a : {1, 2, 3, 2, 4, 5, 6}) {
    database_->submit_write(
        7, Urgency::Urgent,
        {.unit = [a](Connection& c) -> std::optional<Error> {
           c.insert(kInto, {a});
           return std::nullopt;
         },
         .done = [&](std::optional<Error> error) { answers.emplace_back(error ? name_of(error->kind()) : "done"); }});
  }
  released_.count_down();
  EXPECT_TRUE(database_->write_and_wait(7, [](Connection&) {}));
  EXPECT_EQ(answers, (std::vector<std::string>{"done", "done", "done", "conflict", "done", "done", "done"}));
  EXPECT_EQ(number("SELECT count(*) FROM t"), 6);
}

TEST_F(PostgresDatabase, AUnitThatReturnsAnErrorTakesTheRowsKeptBackWithIt) {
  static const Insertion kInto("t", "a");
  const auto refused = database_->write_and_wait(7, [](Connection& c) -> Result<void> {
    c.insert(kInto, {1});
    return fail(ErrorKind::Conflict, "no");
  });
  EXPECT_FALSE(refused);
  EXPECT_EQ(number("SELECT count(*) FROM t"), 0);
}

TEST_F(PostgresDatabase, AUnitThatLostARaceForAKeyIsRunAgainAndSeesIt) {
  int runs = 0;
  const LaneKey other = other_lane(1);
  const auto answer = database_->write_and_wait(1, [&](Connection& c) -> Result<std::string> {
    ++runs;
    if (!c.run("SELECT a FROM t WHERE a = 1").empty()) return std::string("seen");
    EXPECT_TRUE(database_->write_and_wait(other, [](Connection& d) { d.run("INSERT INTO t VALUES (1)"); }));
    c.run("INSERT INTO t VALUES (1)");
    return std::string("made");
  });
  EXPECT_EQ(answer.value(), "seen");
  EXPECT_EQ(runs, 2);
}

// Every lane takes every row, in another order: they deadlock all the time.
TEST_F(PostgresDatabase, LanesThatWantTheSameRowsAllComeThrough) {
  settings_.patience = std::chrono::seconds(60);
  settings_.timeouts.lock = milliseconds(20);
  database_.reset();
  open();
  given("INSERT INTO t SELECT a, 0 FROM generate_series(0, 3) AS a");
  std::atomic<int> failed = 0;
  for (std::int64_t at = 0; at < 200; ++at) {
    database_->submit_write(static_cast<std::uint64_t>(at), Urgency::Urgent,
                            {.unit = [at](Connection& c) -> std::optional<Error> {
                               c.run("UPDATE t SET b = b + 1 WHERE a = $1", {at % 4});
                               c.run("UPDATE t SET b = b + 1 WHERE a = $1", {(at + 1 + at / 4 % 3) % 4});
                               return std::nullopt;
                             },
                             .done = [&](const std::optional<Error>& error) { failed += error ? 1 : 0; }});
  }
  database_.reset();
  open();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(number("SELECT CAST(sum(b) AS bigint) FROM t"), 400);
}

TEST_F(PostgresDatabase, AReadMayNotWrite) {
  const auto written = database_->read_and_wait([](Connection& connection) { connection.run("DELETE FROM t"); });
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().kind(), ErrorKind::Internal);
}

TEST_F(PostgresDatabase, AReadSeesWhatWasCommittedBeforeItWasAsked) {
  for (std::int64_t a = 1; a <= 50; ++a) {
    ASSERT_TRUE(database_->write_and_wait(static_cast<std::uint64_t>(a), [a](Connection& connection) {
      connection.run("INSERT INTO t(a) VALUES ($1)", {a});
    }));
    ASSERT_EQ(number("SELECT count(*) FROM t"), a);
  }
}

TEST_F(PostgresDatabase, AFullMailboxIsUnavailableAtOnce) {
  database_.reset();
  settings_.mailbox_units = 3 * settings_.writers;
  open();
  hold_lane(1);
  std::optional<Error> answer;
  for (int at = 0; at < 4; ++at) {
    database_->submit_write(1, Urgency::Urgent,
                            {.unit = [](Connection&) { return std::nullopt; },
                             .done = [&](std::optional<Error> error) { answer = std::move(error); }});
  }
  EXPECT_EQ(answer.value().code(), "store_busy");
  released_.count_down();
  database_.reset();
}

TEST_F(PostgresDatabase, AServerThatIsDownIsNoErrorAtTheStart) {
  log::set_level(log::level::off);
  test::CuttingProxy proxy(place_.url());
  settings_.url = proxy.url();
  settings_.patience = milliseconds(20);
  open();
  const auto refused = database_->write_and_wait(0, [](Connection&) {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind(), ErrorKind::Unavailable);
  proxy.start();
  EXPECT_TRUE(database_->write_and_wait(0, [](Connection&) {}));
  log::set_level(log::level::info);
}

TEST_F(PostgresDatabase, AnOutageShorterThanThePatienceIsNotSeen) {
  log::set_level(log::level::off);
  test::CuttingProxy proxy(place_.url());
  proxy.start();
  settings_.url = proxy.url();
  open();
  EXPECT_TRUE(database_->write_and_wait(0, [](Connection& c) { c.run("INSERT INTO t VALUES (1)"); }));
  proxy.stop();
  std::promise<std::optional<Error>> answer;
  database_->submit_write(0, Urgency::Urgent,
                          {.unit = [](Connection& c) -> std::optional<Error> {
                             c.run("INSERT INTO t VALUES (2)");
                             return std::nullopt;
                           },
                           .done = [&](std::optional<Error> error) { answer.set_value(std::move(error)); }});
  proxy.start();
  EXPECT_FALSE(answer.get_future().get());
  EXPECT_EQ(number("SELECT count(*) FROM t"), 2);
  log::set_level(log::level::info);
}

TEST_F(PostgresDatabase, AUrlThatCannotBeReadIsInvalidInput) {
  const auto opened = open_postgres({.url = Secret("postgresql://host:hush/")});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().kind(), ErrorKind::InvalidInput);
}

TEST_F(PostgresDatabase, ALockUntilCommitKeepsOtherLanesOut) {
  std::vector<std::thread> threads;
  given("INSERT INTO t VALUES (0, 0)");
  for (std::uint64_t key = 0; key < 8; ++key) {
    threads.emplace_back([this, key] {
      for (int at = 0; at < 20; ++at) {
        const auto written = database_->write_and_wait(key, [](Connection& c) {
          lock_until_commit(c, LockKind::ParkedStatus, 1);
          const auto b = c.run("SELECT b FROM t").front().number(0);
          c.run("UPDATE t SET b = $1", {b + 1});
        });
        EXPECT_TRUE(written);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(number("SELECT b FROM t"), 160);
}

TEST_F(PostgresDatabase, NodesThatStartTogetherMigrateOnce) {
  std::vector<std::thread> nodes;
  for (int node = 0; node < 4; ++node) {
    nodes.emplace_back([this] {
      const auto database = open_postgres(settings_).value();
      const auto migrated = store::migrate(*database, Engine::Postgres, FakeClock().now());
      EXPECT_TRUE(migrated) << (migrated ? "" : migrated.error().words());
    });
  }
  for (auto& node : nodes) node.join();
  EXPECT_EQ(number("SELECT count(*) FROM schema_migration WHERE number = 1"), 1);
}

}  // namespace
}  // namespace waypost::sql
