#include "journal/journal.h"

#include <fstream>
#include <thread>

#include "tests/journal/test_journal.h"

namespace waypost {
namespace {

using std::chrono::days;
using test::Bodies;

class JournalFolderTest : public test::TestJournal {
 protected:
  void write_file(const std::string& name, const std::string& text) {
    std::ofstream(settings_.folder + "/" + name, std::ios::trunc | std::ios::binary) << text;
  }
  std::string id_text() {
    std::ifstream file(settings_.folder + "/id");
    std::string text;
    std::getline(file, text);
    return text;
  }
};

using JournalAppend = JournalFolderTest;
using JournalReading = JournalFolderTest;
using JournalDays = JournalFolderTest;
using JournalOpening = JournalFolderTest;
using JournalWaiting = JournalFolderTest;

TEST_F(JournalAppend, GivesPositionsFromOneAndKeepsWhatMetaSent) {
  open();
  EXPECT_EQ(journal_->end(), 0U);
  const std::string body("{\"a\":\"\0\xff\"}", 11);
  EXPECT_EQ(append(body, "shop").value(), 1U);
  EXPECT_EQ(append("").value(), 2U);
  const auto records = all();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].sequence, 1U);
  EXPECT_EQ(records[0].app, "shop");
  EXPECT_EQ(records[0].body, body);
  EXPECT_EQ(records[0].received_at, test::kNoon);
  EXPECT_EQ(records[1].body, "");
  EXPECT_EQ(journal_->end(), 2U);
}

TEST_F(JournalAppend, ManyAtOnceGetEveryPositionOnceInTheirOrder) {
  open();
  Bodies bodies;
  for (int at = 0; at < 500; ++at) bodies.push_back("body " + std::to_string(at));
  const auto answers = append_all(bodies);
  const auto records = all();
  ASSERT_EQ(records.size(), 500U);
  for (std::size_t at = 0; at < 500; ++at) {
    EXPECT_EQ(answers[at].value(), at + 1);
    EXPECT_EQ(records[at].body, bodies[at]);
  }
}

TEST_F(JournalAppend, GoesOnBehindTheLastPositionAfterARestart) {
  open();
  EXPECT_EQ(append("one").value(), 1U);
  const auto id = journal_->id();
  reopen();
  EXPECT_EQ(journal_->id(), id);
  EXPECT_EQ(journal_->end(), 1U);
  EXPECT_EQ(append("two").value(), 2U);
  EXPECT_EQ(bodies(), (Bodies{"one", "two"}));
}

TEST_F(JournalAppend, MoreThanTheMailboxHoldsIsUnavailableAndNothingOfItIsKept) {
  settings_.mailbox_bytes = 10'000;
  open();
  const auto answer = append(std::string(20'000, 'x'));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind(), ErrorKind::Unavailable);
  EXPECT_EQ(append("small").value(), 1U);
  EXPECT_EQ(bodies(), (Bodies{"small"}));
}

TEST_F(JournalAppend, ACommitIsBoundedByBytesAndAnythingFitsAlone) {
  settings_.batch_bytes = 1;
  open();
  const auto answers = append_all({"a", "b", std::string(100'000, 'c')});
  for (std::size_t at = 0; at < 3; ++at) EXPECT_EQ(answers[at].value(), at + 1);
}

TEST_F(JournalAppend, WhatWaitsWhenItClosesIsWritten) {
  open();
  std::vector<Result<JournalPosition>> answers;
  for (int at = 0; at < 100; ++at) {
    asio::co_spawn(
        loop_.context(), journal_->append("default", "x"),
        [&](std::exception_ptr, Result<JournalPosition> position) { answers.push_back(std::move(position)); });
  }
  loop_.context().restart();
  loop_.context().poll();
  close();
  EXPECT_TRUE(loop_.run_until([&] { return answers.size() == 100; }));
  open();
  EXPECT_EQ(journal_->end(), 100U);
}

TEST_F(JournalReading, IsBoundedByRecordsAndByBytesButGivesAtLeastOne) {
  open();
  append_all({std::string(100, 'a'), std::string(100, 'b'), std::string(100, 'c')});
  EXPECT_EQ(journal_->read_after(0, 2, 1000).value().size(), 2U);
  EXPECT_EQ(journal_->read_after(0, 9, 250).value().size(), 2U);
  EXPECT_EQ(journal_->read_after(1, 9, 1).value().front().body, std::string(100, 'b'));
  EXPECT_TRUE(journal_->read_after(3, 9, 1000).value().empty());
}

TEST_F(JournalReading, SeesEveryRecordOnceWhileOthersAppend) {
  open();
  std::vector<JournalPosition> seen;
  std::thread reader([&] {
    while (seen.size() < 600) {
      journal_->wait_behind(seen.empty() ? 0 : seen.back(), seconds(10));
      for (const auto& record : all(seen.empty() ? 0 : seen.back())) seen.push_back(record.sequence);
    }
  });
  for (int round = 0; round < 20; ++round) {
    append_all(Bodies(30, "x"));
    if (round % 5 == 4) clock_.pass(days(1));
  }
  reader.join();
  for (std::size_t at = 0; at < seen.size(); ++at) EXPECT_EQ(seen[at], at + 1);
}

TEST_F(JournalDays, EachHasAFileAndThePositionsGoOn) {
  open();
  EXPECT_EQ(append("monday").value(), 1U);
  clock_.pass(days(1));
  EXPECT_EQ(append("tuesday").value(), 2U);
  clock_.pass(days(3));
  EXPECT_EQ(append("friday").value(), 3U);
  EXPECT_EQ(day_files(), (Bodies{"2026-11-23.journal", "2026-11-24.journal", "2026-11-27.journal"}));
  EXPECT_EQ(bodies(), (Bodies{"monday", "tuesday", "friday"}));
  reopen();
  EXPECT_EQ(bodies(), (Bodies{"monday", "tuesday", "friday"}));
  EXPECT_EQ(journal_->end(), 3U);
}

TEST_F(JournalDays, ChangeInTheMiddleOfTraffic) {
  open();
  Bodies sent;
  for (int round = 0; round < 6; ++round) {
    Bodies some;
    for (int at = 0; at < 50; ++at) some.push_back(std::to_string(round * 50 + at));
    std::thread midnight([&] { clock_.pass(days(1)); });
    append_all(some);
    midnight.join();
    sent.insert(sent.end(), some.begin(), some.end());
  }
  EXPECT_EQ(bodies(), sent);
  EXPECT_EQ(journal_->end(), 300U);
}

TEST_F(JournalDays, AClockThatGoesBackStaysWithTheNewestFile) {
  open();
  given("one");
  clock_.pass(-days(2));
  given("two");
  reopen();
  given("three");
  EXPECT_EQ(day_files(), (Bodies{"2026-11-23.journal"}));
  EXPECT_EQ(bodies(), (Bodies{"one", "two", "three"}));
}

TEST_F(JournalDays, AreDroppedByRetentionButNeverPastWhatWasApplied) {
  settings_.retention = days(2);
  open();
  for (int day = 0; day < 5; ++day) {
    given("day " + std::to_string(day));
    clock_.pass(days(1));
  }
  EXPECT_EQ(journal_->drop_old(0).value(), 0U);
  EXPECT_EQ(journal_->drop_old(1).value(), 1U);
  EXPECT_EQ(bodies(), (Bodies{"day 1", "day 2", "day 3", "day 4"}));
  EXPECT_EQ(journal_->drop_old(5).value(), 2U);
  EXPECT_EQ(bodies(), (Bodies{"day 3", "day 4"}));
  for (const auto& entry : std::filesystem::directory_iterator(settings_.folder)) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("2026-11-23")) << entry.path();
  }
}

// Else the sequence would begin anew, and the store's cursor would be beyond the end.
TEST_F(JournalDays, TheNewestIsKeptHoweverOldItIs) {
  open();
  given("one");
  clock_.pass(days(100));
  EXPECT_EQ(journal_->drop_old(1).value(), 0U);
  reopen();
  EXPECT_EQ(append("two").value(), 2U);
  EXPECT_EQ(journal_->drop_old(2).value(), 1U);
  reopen();
  EXPECT_EQ(journal_->end(), 2U);
}

TEST_F(JournalDays, ThatWereTakenAwayLeaveAGapThatReadingPasses) {
  open();
  for (const char* body : {"one", "two", "three"}) {
    given(body);
    clock_.pass(days(1));
  }
  close();
  std::filesystem::remove(settings_.folder + "/2026-11-24.journal");
  open();
  EXPECT_EQ(bodies(), (Bodies{"one", "three"}));
  EXPECT_EQ(append("four").value(), 4U);
}

TEST_F(JournalOpening, ASecondOpenerIsRefused) {
  open();
  EXPECT_EQ(refused_to_open(), ErrorKind::Conflict);
  close();
  open();
}

TEST_F(JournalOpening, ATornIdIsMendedFromTheDayFiles) {
  open();
  given("one");
  const auto id = journal_->id();
  close();
  for (const std::string& torn : {std::string(), id.text().substr(0, 20), std::string(36, 'z')}) {
    write_file("id", torn);
    open();
    EXPECT_EQ(journal_->id(), id);
    EXPECT_EQ(id_text(), id.text());
    close();
  }
}

TEST_F(JournalOpening, AnIdOfAnotherJournalIsRefused) {
  open();
  given("one");
  close();
  write_file("id", JournalId::make(test::kNoon).text());
  EXPECT_EQ(refused_to_open(), ErrorKind::Internal);
}

TEST_F(JournalOpening, ADamagedDayFileIsInternal) {
  open();
  given("one");
  close();
  write_file("2026-11-23.journal", std::string(16384, 'x'));
  EXPECT_EQ(refused_to_open(), ErrorKind::Internal);
}

TEST_F(JournalOpening, AFileWhoseMakingWasCutShortIsFinished) {
  open();
  given("one");
  close();
  clock_.pass(days(1));
  write_file("2026-11-24.journal", "");
  open();
  EXPECT_EQ(journal_->end(), 1U);
  EXPECT_EQ(append("two").value(), 2U);
  EXPECT_EQ(bodies(), (Bodies{"one", "two"}));
}

TEST_F(JournalOpening, ACursorBeyondTheEndIsRefused) {
  open();
  given("one");
  EXPECT_TRUE(check_cursor(0, *journal_));
  EXPECT_TRUE(check_cursor(1, *journal_));
  const auto checked = check_cursor(2, *journal_);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().kind(), ErrorKind::InvalidInput);
}

TEST_F(JournalWaiting, EndsWithARecordAWakeOrTheLimit) {
  open();
  given("one");
  journal_->wait_behind(0, seconds(60));
  journal_->wait_behind(1, milliseconds(1));
  std::thread waker([&] { journal_->wake(); });
  journal_->wait_behind(1, seconds(60));
  waker.join();
  std::thread appender([&] { given("two"); });
  journal_->wait_behind(1, seconds(60));
  EXPECT_EQ(journal_->end(), 2U);
  appender.join();
}

// Old records are read while new ones are: neither sees the other.
TEST_F(JournalReading, ApartIsTheSameBesideIt) {
  open();
  given("monday");
  clock_.pass(days(1));
  given("tuesday");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(journal_->read_apart(0, 1, 1).value().front().body, "monday");
    EXPECT_EQ(journal_->read_after(1, 1, 1).value().front().body, "tuesday");
  }
  EXPECT_TRUE(journal_->read_apart(2, 10, 100).value().empty());
}

}  // namespace
}  // namespace waypost
