#include "sql/sqlite_checkpointer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "sql/sqlite_session.h"
#include "tests/support/failing_disk.h"
#include "tests/support/temp_folder.h"

namespace waypost::sql {
namespace {

using std::chrono::milliseconds;

constexpr int kPages = 64;

class Checkpointing : public testing::Test {
 protected:
  void write(int rows) {
    for (int row = 0; row < rows; ++row) {
      session_->begin();
      session_->run("INSERT INTO t(a) VALUES ($1)", {std::string(8'000, 'x')});
      session_->commit();
    }
  }
  std::uintmax_t wal_pages() const { return std::filesystem::file_size(path_ + "-wal") / 4'096; }
  std::uintmax_t file_pages() const { return std::filesystem::file_size(path_) / 4'096; }

  test::TempFolder folder_;
  const std::string path_ = folder_.file("store.db");
  const std::unique_ptr<Session> session_ =
      open_sqlite_session({.path = path_, .checkpoint_pages = kPages, .checkpoint_beside = true}).value();
};

TEST_F(Checkpointing, TheWalIsCopiedAndBeginsAnew) {
  session_->script("CREATE TABLE t(a TEXT)");
  // The thread has its time between the commits.
  for (int round = 0; round < 200; ++round) {
    write(4);
    std::this_thread::sleep_for(milliseconds(2));
  }
  EXPECT_LT(wal_pages(), 1'000U) << "some 2,400 pages were written";
  EXPECT_GT(file_pages(), 1'000U);
}

TEST_F(Checkpointing, WhatAReaderKeepsInTheWalIsCopiedWhenItEnds) {
  session_->script("CREATE TABLE t(a TEXT)");
  const auto reader = open_sqlite_session({.path = path_, .access = Access::Read}).value();
  reader->begin();
  EXPECT_EQ(reader->run("SELECT count(*) FROM t").front().number(0), 0);
  for (int round = 0; round < 50; ++round) {
    write(4);
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_GT(wal_pages(), 400U);
  EXPECT_EQ(reader->run("SELECT count(*) FROM t").front().number(0), 0);
  reader->rollback();
  const auto before = file_pages();
  for (int round = 0; round < 100; ++round) {
    write(4);
    std::this_thread::sleep_for(milliseconds(2));
  }
  EXPECT_GT(file_pages(), before + 400);
}

// Who syncs a few pages of another file meanwhile waits for no more than that.
TEST(CheckpointingOfMuch, GoesToTheDiskAMegabyteAtATime) {
  constexpr std::int64_t kMegabyte = 1 << 20;
  test::TempFolder folder;
  test::FailingDisk disk;
  const std::string path = folder.file("store.db");
  const auto session =
      open_sqlite_session({.path = path, .vfs = disk.vfs(), .checkpoint_pages = 2'000, .checkpoint_beside = true})
          .value();
  session->script("CREATE TABLE t(a TEXT)");
  // No further than the copy begins: what came behind it would be the writer's to copy.
  while (std::filesystem::file_size(path + "-wal") < 2'000 * (4'096 + 24)) {
    session->begin();
    session->run("INSERT INTO t(a) VALUES ($1)", {std::string(8'000, 'x')});
    session->commit();
  }
  const auto is_copied = [&] { return std::filesystem::file_size(path) > 3 * kMegabyte; };
  for (int wait = 0; wait < 1'000 && !is_copied(); ++wait) std::this_thread::sleep_for(milliseconds(10));
  ASSERT_TRUE(is_copied());
  EXPECT_GT(disk.most_unsynced(), kMegabyte / 2);
  EXPECT_LE(disk.most_unsynced(), kMegabyte);
}

}  // namespace
}  // namespace waypost::sql
