#include "sql/sqlite_database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <mutex>
#include <set>
#include <thread>

#include "sql/sqlite_session.h"
#include "tests/support/run_loop.h"
#include "tests/support/temp_folder.h"

namespace waypost::sql {
namespace {

class SqliteDatabase : public ::testing::Test {
 protected:
  void SetUp() override {
    open();
    ASSERT_TRUE(database_->write_and_wait(
        0, [](Connection& connection) { connection.script("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT) STRICT"); }));
  }
  void open() { database_ = open_sqlite(settings_).value(); }

  // Holds the write lane inside a unit until release(): what is submitted meanwhile is one batch.
  void hold_lane() {
    std::latch inside(1);
    database_->submit_write(0, Urgency::Urgent,
                            {.unit =
                                 [&](Connection&) {
                                   inside.count_down();
                                   released_.wait();
                                   return std::nullopt;
                                 },
                             .done = [](std::optional<Error>) {}});
    inside.wait();
  }
  void release() { released_.count_down(); }
  void submit(
      std::int64_t a, Urgency urgency = Urgency::Urgent,
      std::move_only_function<void(std::optional<Error>)> done = [](std::optional<Error>) {}) {
    database_->submit_write(0, urgency,
                            {.unit = [a](Connection& connection) -> std::optional<Error> {
                               connection.run("INSERT INTO t(a) VALUES ($1)", {a});
                               return std::nullopt;
                             },
                             .done = std::move(done)});
  }
  static std::int64_t count(Connection& connection) {
    return connection.run("SELECT count(*) FROM t").front().number(0);
  }
  std::int64_t count() {
    return database_->read_and_wait([](Connection& connection) { return count(connection); }).value();
  }

  test::TempFolder folder_;
  SqliteSettings settings_{.path = folder_.file("store.db")};
  std::latch released_{1};
  std::unique_ptr<Database> database_;
};

// The first ones as those of an owner who had little; then as many as 10 ms are enough for.
TEST_F(SqliteDatabase, WhatWaitsIsCommittedInFewTransactions) {
  const auto other = open_sqlite_session({.path = settings_.path, .access = Access::Read}).value();
  std::vector<std::int64_t> seen_outside;  // by another connection while the units run
  hold_lane();
  for (std::int64_t a = 1; a <= 100; ++a) {
    submit(a);
    database_->submit_write(0, Urgency::Urgent,
                            {.unit =
                                 [&](Connection&) {
                                   seen_outside.push_back(count(*other));
                                   return std::nullopt;
                                 },
                             .done = [](std::optional<Error>) {}});
  }
  release();
  EXPECT_TRUE(database_->write_and_wait(0, [](Connection&) {}));
  EXPECT_LE(std::set<std::int64_t>(seen_outside.begin(), seen_outside.end()).size(), 20U);
  EXPECT_EQ(count(*other), 100);
}

TEST_F(SqliteDatabase, ABadUnitInABatchHarmsOnlyItself) {
  std::vector<std::string> answers;
  const auto keep = [&](std::optional<Error> error) { answers.emplace_back(error ? name_of(error->kind()) : "done"); };
  hold_lane();
  for (const std::int64_t a : {1, 2, 2, 3}) submit(a, Urgency::Urgent, keep);
  release();
  EXPECT_TRUE(database_->write_and_wait(0, [](Connection&) {}));
  EXPECT_EQ(answers, (std::vector<std::string>{"done", "done", "conflict", "done"}));
  EXPECT_EQ(count(), 3);
}

TEST_F(SqliteDatabase, AnErrorUndoesItsOwnWritesOnly) {
  hold_lane();
  submit(1);
  std::promise<std::optional<Error>> refused;
  database_->submit_write(0, Urgency::Urgent,
                          {.unit = [](Connection& connection) -> std::optional<Error> {
                             connection.run("INSERT INTO t(a) VALUES (2)");
                             return Error(ErrorKind::Rejected, "after a write");
                           },
                           .done = [&](std::optional<Error> error) { refused.set_value(std::move(error)); }});
  submit(3);
  release();
  EXPECT_EQ(refused.get_future().get().value().kind(), ErrorKind::Rejected);
  EXPECT_EQ(count(), 2);
}

TEST_F(SqliteDatabase, WritesRunInTheOrderTheyCameAndUrgentOnesFirst) {
  std::vector<std::int64_t> order;
  const auto submit_noting = [&](std::int64_t a, Urgency urgency) {
    submit(a, urgency, [&order, a](std::optional<Error>) { order.push_back(a); });
  };
  hold_lane();
  for (std::int64_t a = 100; a < 110; ++a) submit_noting(a, Urgency::Bulk);
  for (std::int64_t a = 1; a < 10; ++a) submit_noting(a, Urgency::Urgent);
  release();
  while (!database_->read_and_wait([](Connection& connection) { return count(connection) == 19; }).value()) {
  }
  database_.reset();
  EXPECT_EQ(order,
            (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109}));
}

TEST_F(SqliteDatabase, AReadSeesWhatWasCommittedBeforeItWasAsked) {
  for (std::int64_t a = 1; a <= 200; ++a) {
    ASSERT_TRUE(database_->write_and_wait(
        0, [a](Connection& connection) { connection.run("INSERT INTO t(a) VALUES ($1)", {a}); }));
    ASSERT_EQ(count(), a);
  }
}

TEST_F(SqliteDatabase, AReadMayNotWrite) {
  const auto written = database_->read_and_wait([](Connection& connection) { connection.run("DELETE FROM t"); });
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().kind(), ErrorKind::Internal);
}

TEST_F(SqliteDatabase, ASlowReadHoldsUpNeitherWritesNorOtherReads) {
  std::promise<std::int64_t> slow;
  std::latch inside(1);
  database_->submit_read({.unit =
                              [&](Connection& connection) {
                                count(connection);
                                inside.count_down();
                                released_.wait();
                                slow.set_value(count(connection));
                                return std::nullopt;
                              },
                          .done = [](std::optional<Error>) {}});
  inside.wait();
  ASSERT_TRUE(
      database_->write_and_wait(0, [](Connection& connection) { connection.run("INSERT INTO t(a) VALUES (1)"); }));
  EXPECT_EQ(count(), 1);
  release();
  EXPECT_EQ(slow.get_future().get(), 0) << "its snapshot is from before the write";
}

TEST_F(SqliteDatabase, AFullMailboxIsUnavailableAtOnce) {
  database_.reset();
  settings_.mailbox_units = 3;
  open();
  hold_lane();
  for (std::int64_t a = 1; a <= 3; ++a) submit(a);
  std::optional<Error> answer;
  submit(4, Urgency::Urgent, [&](std::optional<Error> error) { answer = std::move(error); });
  EXPECT_EQ(answer.value().kind(), ErrorKind::Unavailable);
  release();
  database_.reset();
  open();
  EXPECT_EQ(count(), 3);
}

TEST_F(SqliteDatabase, ASecondOpenerIsRefusedAndALaterOneIsNot) {
  const auto second = open_sqlite(settings_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind(), ErrorKind::Conflict);
  database_.reset();
  EXPECT_TRUE(open_sqlite(settings_).has_value());
}

TEST_F(SqliteDatabase, WhatWaitsWhenItIsClosedIsDone) {
  std::atomic<int> done = 0;
  hold_lane();
  for (std::int64_t a = 1; a <= 50; ++a) submit(a, Urgency::Bulk, [&](std::optional<Error>) { ++done; });
  release();
  database_.reset();
  EXPECT_EQ(done, 50);
  open();
  EXPECT_EQ(count(), 50);
}

awaitable<Result<std::int64_t>> write_then_read(Database& database) {
  auto written = co_await database.write(0, [](Connection& connection) {
    return connection.run("INSERT INTO t(a, b) VALUES (7, 'seven') RETURNING a").front().number(0);
  });
  if (!written) co_return written;
  co_return co_await database.read([](Connection& connection) -> Result<std::int64_t> {
    const auto rows = connection.run("SELECT a FROM t WHERE b = 'seven'");
    if (rows.empty()) return fail(ErrorKind::NotFound, "no seven");
    return rows.front().number(0);
  });
}

TEST_F(SqliteDatabase, CoroutinesResumeOnTheirOwnLoopWithTheUnitsValue) {
  test::RunLoop loop;
  EXPECT_EQ(loop.wait(write_then_read(*database_)).value(), 7);
}

awaitable<Result<void>> refuse(Database& database) {
  co_return co_await database.write(0,
                                    [](Connection&) -> Result<void> { return fail(ErrorKind::NotFound, "not here"); });
}

TEST_F(SqliteDatabase, CoroutinesGetTheUnitsError) {
  test::RunLoop loop;
  const auto answer = loop.wait(refuse(*database_));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind(), ErrorKind::NotFound);
}

TEST_F(SqliteDatabase, ThreadsTogetherLoseAndDoubleNothing) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread] {
      for (int at = 0; at < 250; ++at) {
        const std::int64_t a = thread * 1000 + at;
        const auto written = database_->write_and_wait(
            0, [a](Connection& connection) { connection.run("INSERT INTO t(a) VALUES ($1)", {a}); });
        EXPECT_TRUE(written);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count(), 1000);
}

}  // namespace
}  // namespace waypost::sql
