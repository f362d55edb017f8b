#include "sql/sqlite_session.h"

#include <gtest/gtest.h>

#include "tests/support/failing_disk.h"
#include "tests/support/temp_folder.h"

namespace waypost::sql {
namespace {

class SqliteSession : public ::testing::Test {
 protected:
  std::unique_ptr<Session> open(Access access = Access::Create) {
    return open_sqlite_session({.path = path_, .access = access, .vfs = disk_.vfs()}).value();
  }
  // The fault that a statement throws.
  template <class Work>
  static std::optional<Fault> fault_of(Work work) {
    try {
      work();
    } catch (const Fault& fault) {
      return fault;
    }
    return std::nullopt;
  }
  static std::int64_t count(Session& session) { return session.run("SELECT count(*) FROM t").front().number(0); }

  test::FailingDisk disk_;
  test::TempFolder folder_;
  std::string path_ = folder_.file("a.db");
};

TEST_F(SqliteSession, IsStrictAndDurable) {
  const auto session = open();
  EXPECT_EQ(session->run("PRAGMA journal_mode").front().text(0), "wal");
  EXPECT_EQ(session->run("PRAGMA synchronous").front().number(0), 2);
  EXPECT_EQ(session->run("PRAGMA foreign_keys").front().number(0), 1);
  const auto typo = fault_of([&] { session->run("SELECT \"typo\""); });
  EXPECT_EQ(typo.value().kind(), FaultKind::Data);
}

TEST_F(SqliteSession, ParametersGoByTheirNumberAndMayBeCast) {
  const auto session = open();
  const auto rows = session->run("SELECT $2, $1::uuid, $2::text, $1", {"one", "two"});
  EXPECT_EQ(rows.front().text(0), "two");
  EXPECT_EQ(rows.front().text(1), "one");
  EXPECT_EQ(rows.front().text(2), "two");
  EXPECT_EQ(rows.front().text(3), "one");
}

TEST_F(SqliteSession, AMissingValueAndAnotherKindOfParameterAreFaultsOfTheStatement) {
  const auto session = open();
  EXPECT_EQ(fault_of([&] { session->run("SELECT $1, $2", {1}); }).value().kind(), FaultKind::Data);
  EXPECT_EQ(fault_of([&] { session->run("SELECT ?", {1}); }).value().kind(), FaultKind::Data);
  EXPECT_EQ(fault_of([&] { session->run("SELECT 1; SELECT 2"); }).value().kind(), FaultKind::Data);
  EXPECT_EQ(fault_of([&] { session->run(""); }).value().kind(), FaultKind::Data);
}

TEST_F(SqliteSession, ATakenKeyIsAConflictAndOtherBrokenRulesAreInternal) {
  const auto session = open();
  session->script("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT UNIQUE CHECK (b <> 'x')) STRICT");
  session->run("INSERT INTO t VALUES (1, 'a')");
  for (const char* text : {"INSERT INTO t VALUES (1, 'b')", "INSERT INTO t VALUES (2, 'a')"}) {
    const auto fault = fault_of([&] { session->run(text); });
    EXPECT_EQ(fault.value().kind(), FaultKind::Data);
    EXPECT_EQ(fault.value().error().kind(), ErrorKind::Conflict);
  }
  EXPECT_EQ(fault_of([&] { session->run("INSERT INTO t VALUES (3, 'x')"); }).value().error().kind(),
            ErrorKind::Internal);
}

// The place of a text is only a hint: here two texts stand in the same place, one after the other.
TEST_F(SqliteSession, AnotherTextInTheSamePlaceIsAnotherStatement) {
  const auto session = open();
  std::string text = "SELECT 1";
  EXPECT_EQ(session->run(text).front().number(0), 1);
  text.back() = '2';
  EXPECT_EQ(session->run(text).front().number(0), 2);
  text.back() = '1';
  EXPECT_EQ(session->run(text).front().number(0), 1);
}

TEST_F(SqliteSession, ManyStatementsAreForgottenAndPreparedAnew) {
  const auto session = open();
  for (int round = 0; round < 2; ++round) {
    for (int at = 0; at < 1500; ++at) {
      ASSERT_EQ(session->run("SELECT " + std::to_string(at)).front().number(0), at);
    }
  }
}

TEST_F(SqliteSession, CountsWhatAStatementChanged) {
  const auto session = open();
  session->script("CREATE TABLE t(a INTEGER PRIMARY KEY, b INTEGER) STRICT");
  EXPECT_EQ(session->run("INSERT INTO t VALUES (1, 1), (2, 1), (3, 1)").changed(), 3);
  EXPECT_EQ(session->run("UPDATE t SET b = 2 WHERE a > 1").changed(), 2);
  EXPECT_EQ(session->run("UPDATE t SET b = 2 WHERE a > 7").changed(), 0);
  EXPECT_EQ(session->run("SELECT * FROM t").changed(), 0);
  EXPECT_EQ(session->run("INSERT INTO t VALUES (1, 9) ON CONFLICT DO NOTHING").changed(), 0);
  const auto before = session->total_changes();
  session->run("CREATE TABLE u(a INTEGER) STRICT");
  EXPECT_GT(session->total_changes(), before);
}

TEST_F(SqliteSession, AReaderSeesASnapshotAndMayNotWrite) {
  const auto writer = open();
  writer->script("CREATE TABLE t(a INTEGER) STRICT");
  const auto reader = open(Access::Read);
  reader->begin();
  EXPECT_EQ(count(*reader), 0);
  writer->run("INSERT INTO t VALUES (1)");
  EXPECT_EQ(count(*reader), 0);
  EXPECT_EQ(fault_of([&] { reader->run("INSERT INTO t VALUES (2)"); }).value().kind(), FaultKind::Data);
  reader->rollback();
  EXPECT_EQ(count(*reader), 1);
}

TEST_F(SqliteSession, WhatIsAbsentIsNotMadeForReading) {
  const auto session = open_sqlite_session({.path = folder_.file("absent.db"), .access = Access::Read});
  ASSERT_FALSE(session.has_value());
  EXPECT_EQ(session.error().kind(), ErrorKind::NotFound);
  EXPECT_FALSE(std::filesystem::exists(folder_.file("absent.db")));
}

TEST_F(SqliteSession, WhatIsNoDatabaseIsInternal) {
  std::FILE* file = std::fopen(path_.c_str(), "w");
  std::fputs(std::string(8192, 'x').c_str(), file);
  std::fclose(file);
  const auto session = open_sqlite_session({.path = path_});
  ASSERT_FALSE(session.has_value());
  EXPECT_EQ(session.error().kind(), ErrorKind::Internal);
}

// A full disk ends the transaction. A caller that swallowed the fault must not commit the rest by itself.
TEST_F(SqliteSession, AfterTheDiskEndedTheTransactionNothingMoreRunsInIt) {
  auto session = open_sqlite_session({.path = path_, .vfs = disk_.vfs(), .cache_bytes = 16 * 1024}).value();
  session->script("CREATE TABLE t(a TEXT) STRICT");
  session->begin();
  disk_.fail_after(0, test::DiskFailure::Full);
  const std::string page(4000, 'x');
  const auto full = fault_of([&] {
    for (int at = 0; at < 100; ++at) session->run("INSERT INTO t VALUES ($1)", {page});
  });
  EXPECT_EQ(full.value().kind(), FaultKind::Unavailable);
  disk_.heal();
  EXPECT_EQ(fault_of([&] { session->run("INSERT INTO t VALUES ('late')"); }).value().kind(), FaultKind::Unavailable);
  EXPECT_EQ(fault_of([&] { session->commit(); }).value().kind(), FaultKind::Unavailable);
  session->rollback();
  EXPECT_EQ(count(*session), 0);
}

// A COMMIT whose sync failed has its pages in the WAL. The process that opens the file next must not take them for
// committed, even though this one never comes to an orderly end. One of the steps is that sync.
TEST_F(SqliteSession, ACommitThatFailedIsNotThereForTheNextProcess) {
  const auto session = open();
  session->script("CREATE TABLE t(a INTEGER) STRICT");
  int failed = 0;
  for (int step = 0; step < 6; ++step) {
    session->begin();
    session->run("INSERT INTO t VALUES (1)");
    disk_.fail_once_after(step, test::DiskFailure::Io);
    if (fault_of([&] { session->commit(); })) ++failed;
    disk_.heal();
    const std::string copy = folder_.file(std::to_string(step) + ".db");
    std::filesystem::copy(path_, copy);
    std::filesystem::copy(path_ + "-wal", copy + "-wal");
    EXPECT_EQ(count(*open_sqlite_session({.path = copy}).value()), step + 1 - failed) << "step " << step;
    EXPECT_EQ(count(*session), step + 1 - failed);
  }
  EXPECT_EQ(failed, 3) << "a frame's head, its page, and the sync";
}

}  // namespace
}  // namespace waypost::sql
