// The disk fails at every step in turn. Whatever a unit was told is what the file says afterwards.

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/log.h"
#include "sql/sqlite_database.h"
#include "sql/sqlite_session.h"
#include "tests/support/failing_disk.h"
#include "tests/support/temp_folder.h"

namespace waypost::sql {
namespace {

using std::chrono::milliseconds;
using test::DiskFailure;

class FailingStore : public ::testing::TestWithParam<DiskFailure> {
 protected:
  using Numbers = std::set<std::int64_t>;

  void SetUp() override { log::set_level(log::level::off); }
  void TearDown() override { log::set_level(log::level::info); }

  void open(const std::string& name) {
    SqliteSettings settings{.path = folder_.file(name), .readers = 1, .cache_bytes = 64 << 10};
    settings.patience = patience_;
    settings.vfs = disk_.vfs();
    database_ = open_sqlite(settings).value();
    told_done_.clear();
    told_failed_.clear();
    ASSERT_TRUE(database_->write_and_wait(
        0, [](Connection& connection) { connection.script("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT) STRICT"); }));
  }
  // Waits for the unit, so that each is a transaction of its own.
  void write(std::int64_t a) {
    const auto written = database_->write_and_wait(0, [a](Connection& connection) {
      connection.run("INSERT INTO t(a, b) VALUES ($1, $2)", {a, std::string(3000, 'x')});
    });
    (written ? told_done_ : told_failed_).insert(a);
    if (!written) EXPECT_EQ(written.error().kind(), ErrorKind::Unavailable);
  }
  static Numbers stored(const std::string& path) {
    Numbers numbers;
    for (const Row row : open_sqlite_session({.path = path}).value()->run("SELECT a FROM t")) {
      numbers.insert(row.number(0));
    }
    return numbers;
  }

  milliseconds patience_{0};
  test::FailingDisk disk_;
  test::TempFolder folder_{test::Storage::Memory};
  std::unique_ptr<Database> database_;
  Numbers told_done_;
  Numbers told_failed_;
};

TEST_P(FailingStore, AtEveryStepAnAnswerIsTheTruthAndTheStoreWorksAgain) {
  for (std::int64_t step = 0; step < 60; ++step) {
    const std::string name = std::to_string(step) + ".db";
    open(name);
    disk_.fail_after(step, GetParam());
    for (std::int64_t a = 1; a <= 12; ++a) write(a);
    disk_.heal();
    write(100);
    EXPECT_TRUE(told_done_.contains(100)) << "step " << step;
    database_.reset();
    EXPECT_EQ(stored(folder_.file(name)), told_done_) << "step " << step;
    EXPECT_EQ(told_failed_.empty(), told_done_.size() == 13U);
  }
}

// The disk fails and the process dies before it comes back. A unit that was told of success is there.
TEST_P(FailingStore, AtEveryStepWhatWasDoneIsThereAfterACrash) {
  for (std::int64_t step = 0; step < 60; ++step) {
    const std::string name = std::to_string(step) + ".db";
    open(name);
    disk_.fail_after(step, GetParam());
    for (std::int64_t a = 1; a <= 12; ++a) write(a);
    std::filesystem::copy(folder_.file(name), folder_.file("crashed-" + name));
    std::filesystem::copy(folder_.file(name + "-wal"), folder_.file("crashed-" + name + "-wal"));
    disk_.heal();
    const auto there = stored(folder_.file("crashed-" + name));
    for (const auto a : told_done_) EXPECT_TRUE(there.contains(a)) << "step " << step << ", unit " << a;
  }
}

TEST_P(FailingStore, OneFailureIsOutwaited) {
  patience_ = milliseconds(5000);
  for (std::int64_t step = 0; step < 40; ++step) {
    const std::string name = std::to_string(step) + ".db";
    open(name);
    disk_.fail_once_after(step, GetParam());
    for (std::int64_t a = 1; a <= 12; ++a) write(a);
    EXPECT_EQ(told_done_.size(), 12U) << "step " << step;
    database_.reset();
    EXPECT_EQ(stored(folder_.file(name)), told_done_);
  }
}

// Many units in one batch, larger than the page cache, so that pages are written before the commit.
TEST_P(FailingStore, ABatchIsThereAsAWholeOrNotAtAll) {
  for (std::int64_t step = 0; step < 80; step += 3) {
    const std::string name = std::to_string(step) + ".db";
    open(name);
    disk_.fail_after(step, GetParam());
    const auto written = database_->write_and_wait(0, [](Connection& connection) {
      for (std::int64_t a = 1; a <= 60; ++a) {
        connection.run("INSERT INTO t(a, b) VALUES ($1, $2)", {a, std::string(3000, 'x')});
      }
    });
    disk_.heal();
    database_.reset();
    EXPECT_EQ(stored(folder_.file(name)).size(), written ? 60U : 0U) << "step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Disk, FailingStore, ::testing::Values(DiskFailure::Full, DiskFailure::Io),
                         [](const auto& failure) { return failure.param == DiskFailure::Full ? "Full" : "IoError"; });

}  // namespace
}  // namespace waypost::sql
