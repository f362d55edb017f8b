// The disk of the journal fails at every step in turn: an append is on disk, or refused and not there.

#include "tests/support/failing_disk.h"

#include "base/log.h"
#include "tests/journal/test_journal.h"

namespace waypost {
namespace {

using std::chrono::days;
using test::Bodies;
using test::DiskFailure;

class JournalOnFailingDisk : public test::TestJournal, public ::testing::WithParamInterface<DiskFailure> {
 protected:
  void SetUp() override {
    log::set_level(log::level::off);
    settings_.vfs = disk_.vfs();
  }
  void TearDown() override {
    close();
    log::set_level(log::level::info);
  }
  void open_fresh(std::int64_t step) {
    close();
    disk_.heal();
    settings_.folder = folder_.file(std::to_string(step));
    clock_.set(test::kNoon);
    kept_.clear();
    open();
    send("first");
    ASSERT_EQ(kept_.size(), 1U);
  }
  void send(const std::string& body) {
    const auto position = append(body);
    if (!position) {
      EXPECT_EQ(position.error().kind(), ErrorKind::Unavailable);
      return;
    }
    kept_.push_back(body);
    EXPECT_EQ(position.value(), kept_.size()) << "a refused append uses no position up";
  }

  test::FailingDisk disk_;
  Bodies kept_;  // acknowledged
};

TEST_P(JournalOnFailingDisk, RefusesKeepsNothingOfItAndWorksWhenTheDiskDoes) {
  for (std::int64_t step = 0; step < 50; ++step) {
    open_fresh(step);
    disk_.fail_after(step, GetParam());
    for (int at = 0; at < 10; ++at) send("body " + std::to_string(at));
    EXPECT_EQ(bodies(), kept_) << "step " << step;
    disk_.heal();
    send("last");
    EXPECT_EQ(kept_.back(), "last") << "step " << step;
    reopen();
    EXPECT_EQ(bodies(), kept_) << "step " << step;
    EXPECT_EQ(journal_->end(), kept_.size());
  }
}

TEST_P(JournalOnFailingDisk, OneFailureRefusesOneBatchOnly) {
  for (std::int64_t step = 0; step < 50; ++step) {
    open_fresh(step);
    disk_.fail_once_after(step, GetParam());
    for (int at = 0; at < 12; ++at) send("body " + std::to_string(at));
    EXPECT_GE(kept_.size(), 12U) << "step " << step;
    reopen();
    EXPECT_EQ(bodies(), kept_) << "step " << step;
  }
}

TEST_P(JournalOnFailingDisk, ADayThatCannotBeginIsTriedAgain) {
  for (std::int64_t step = 0; step < 40; ++step) {
    open_fresh(step);
    clock_.pass(days(1));
    disk_.fail_after(step, GetParam());
    for (int at = 0; at < 3; ++at) send("tomorrow " + std::to_string(at));
    disk_.heal();
    send("last");
    EXPECT_EQ(kept_.back(), "last") << "step " << step;
    reopen();
    EXPECT_EQ(bodies(), kept_) << "step " << step;
  }
}

TEST_P(JournalOnFailingDisk, AtEveryStepWhatWasAcknowledgedIsThereAfterACrash) {
  for (std::int64_t step = 0; step < 50; ++step) {
    open_fresh(step);
    disk_.fail_after(step, GetParam());
    for (int at = 0; at < 10; ++at) send("body " + std::to_string(at));
    const std::string crashed = folder_.file("crashed");
    std::filesystem::remove_all(crashed);
    std::filesystem::copy(settings_.folder, crashed);
    std::filesystem::remove(crashed + "/2026-11-23.journal-shm");
    close();
    disk_.heal();
    settings_.folder = crashed;
    open();
    // The last refused batch may have come as far as the WAL: a crash can then bring it back (sqlite_session.h).
    auto there = bodies();
    ASSERT_GE(there.size(), kept_.size()) << "step " << step;
    there.resize(kept_.size());
    EXPECT_EQ(there, kept_) << "step " << step;
  }
}

TEST_P(JournalOnFailingDisk, EveryAcknowledgementComesAfterASync) {
  open_fresh(0);
  for (int at = 0; at < 20; ++at) {
    const auto before = disk_.syncs();
    send("body");
    EXPECT_GT(disk_.syncs(), before);
  }
}

INSTANTIATE_TEST_SUITE_P(Disk, JournalOnFailingDisk, ::testing::Values(DiskFailure::Full, DiskFailure::Io),
                         [](const auto& failure) { return failure.param == DiskFailure::Full ? "Full" : "IoError"; });

}  // namespace
}  // namespace waypost
