// The answer to a COMMIT is lost in every way there is, by a proxy that breaks the connection in its middle.

#include "sql/postgres_settle.h"

#include <gtest/gtest.h>

#include "base/log.h"
#include "sql/postgres_database.h"
#include "sql/postgres_session.h"
#include "tests/support/cutting_proxy.h"
#include "tests/support/store_place.h"

namespace waypost::sql {
namespace {

using std::chrono::milliseconds;
using test::Cut;

class PostgresSettling : public ::testing::Test {
 protected:
  void SetUp() override {
    log::set_level(log::level::off);
    proxy_.start();
    open();
    session_->script("CREATE TABLE t(a bigint PRIMARY KEY)");
  }
  void TearDown() override { log::set_level(log::level::info); }
  void open() { session_ = make_postgres_session(options_).value(); }

  std::optional<Fault> commit_one() {
    session_->begin();
    session_->run("INSERT INTO t VALUES (1)");
    return commit();
  }
  std::optional<Fault> commit() {
    try {
      session_->commit();
    } catch (const Fault& fault) {
      session_->rollback();
      return fault;
    }
    return std::nullopt;
  }
  // Not through the proxy.
  std::int64_t count() {
    return make_postgres_session({.url = place_.url()}).value()->run("SELECT count(*) FROM t").front().number(0);
  }

  test::StorePlace place_ = test::StorePlace::on_postgres(test::Schema::None);
  test::CuttingProxy proxy_{place_.url()};
  PostgresOptions options_{.url = proxy_.url()};
  std::unique_ptr<Session> session_;
};

TEST_F(PostgresSettling, ACommitWhoseAnswerWasLostIsFoundCommitted) {
  proxy_.cut(Cut::After);
  EXPECT_FALSE(commit_one());
  EXPECT_EQ(count(), 1);
  EXPECT_EQ(proxy_.asked_outcome(), 1);
}

TEST_F(PostgresSettling, ACommitThatNeverArrivedRunsAgain) {
  proxy_.cut(Cut::Before);
  EXPECT_EQ(commit_one().value().kind(), FaultKind::Contention);
  EXPECT_EQ(count(), 0);
  EXPECT_FALSE(commit_one());
  EXPECT_EQ(count(), 1);
}

TEST_F(PostgresSettling, ATransactionStillInProgressIsAskedForAgain) {
  proxy_.cut(Cut::Swallowing);
  std::jthread watch([this](const std::stop_token& stop) {
    while (proxy_.asked_outcome() < 3 && !stop.stop_requested()) std::this_thread::sleep_for(milliseconds(1));
    proxy_.release();
  });
  EXPECT_EQ(commit_one().value().kind(), FaultKind::Contention);
  EXPECT_GE(proxy_.asked_outcome(), 3);
  EXPECT_EQ(count(), 0);
}

TEST_F(PostgresSettling, WhatNobodyCanSayInTimeIsUnsettled) {
  options_.settling = milliseconds(50);
  open();
  proxy_.cut(Cut::Swallowing);
  const auto fault = commit_one().value();
  EXPECT_EQ(fault.kind(), FaultKind::Unsettled);
  EXPECT_EQ(fault.error().kind(), ErrorKind::Unavailable);
}

TEST_F(PostgresSettling, AReadWithoutAnAnswerToItsCommitIsNotAskedFor) {
  session_->begin();
  session_->run("SELECT count(*) FROM t");
  proxy_.cut(Cut::Before);
  EXPECT_FALSE(commit());
  EXPECT_EQ(proxy_.asked_outcome(), 0);
}

TEST_F(PostgresSettling, AConnectionThatBreaksBeforeCommitIsSentIsAnOutage) {
  proxy_.cut(Cut::Before, "INTO commit_mark");
  EXPECT_EQ(commit_one().value().kind(), FaultKind::Unavailable);
  EXPECT_EQ(count(), 0);
  EXPECT_EQ(proxy_.asked_outcome(), 0);
}

TEST_F(PostgresSettling, AMarkIsThereOnlyAfterTheCommit) {
  PostgresLink link(options_);
  CommitMarks marks(link);
  link.script("BEGIN");
  const auto lost = marks.leave(link);
  link.script("ROLLBACK");
  EXPECT_EQ(settle(options_, lost), Outcome::RolledBack);
  EXPECT_EQ(settle(options_, lost), Outcome::RolledBack);  // asking leaves nothing behind
  link.script("BEGIN");
  const auto kept = marks.leave(link);
  link.script("COMMIT");
  EXPECT_EQ(settle(options_, kept), Outcome::Committed);
}

TEST_F(PostgresSettling, ALinkKeepsOneMark) {
  for (std::int64_t a = 1; a <= 5; ++a) {
    session_->begin();
    session_->run("INSERT INTO t VALUES ($1)", {a});
    session_->commit();
  }
  EXPECT_EQ(session_->run("SELECT count(*) FROM commit_mark").front().number(0), 1);
}

// What the callers of a Database see of it: every unit's writes are there once.
TEST_F(PostgresSettling, UnitsAreWrittenOnceWhereverTheConnectionBreaks) {
  const auto database = open_postgres({.url = proxy_.url(), .writers = 1, .readers = 1}).value();
  std::int64_t a = 100;
  for (const char* word : {"BEGIN", "INSERT", "INTO commit_mark", "COMMIT"}) {
    for (const Cut how : {Cut::Before, Cut::After}) {
      proxy_.cut(how, word);
      ++a;
      const auto written = database->write_and_wait(
          0, [a](Connection& connection) { connection.run("INSERT INTO t VALUES ($1)", {a}); });
      EXPECT_TRUE(written) << word << (written ? "" : written.error().words());
    }
  }
  EXPECT_EQ(count(), a - 100);
}

}  // namespace
}  // namespace waypost::sql
