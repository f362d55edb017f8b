#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>

#include "sql/sqlite_database.h"
#include "store/dead_letters.h"
#include "tests/webhook/gateway.h"
#include "webhook/apply_task.h"
#include "webhook/flight_note.h"

namespace waypost {
namespace {

using test::Text;

// Two halves of a journal's life: a process that is killed while it applies, and the one that takes up its work.
class Crash : public testing::Test {
 protected:
  // Fills a journal, and leaves store and journal closed.
  void given_posts(int posts) {
    test::Gateway gateway;
    folder_ = std::make_unique<test::TempFolder>(test::Storage::Memory);
    gateway.stop();
    gateway.applier.reset();
    for (int i = 0; i < posts; ++i) {
      gateway.post(test::body_of(Text{
          .id = "wamid." + std::to_string(i), .user_id = "US." + std::to_string(i % 7), .body = std::to_string(i)}));
    }
    gateway.journal.reset();
    gateway.store.close();
    std::filesystem::copy(gateway.store.folder.path(), folder_->path(), std::filesystem::copy_options::recursive);
  }
  struct Parts {
    FakeClock clock;
    test::KeptSignals signals;
    std::unique_ptr<sql::Database> database;
    std::unique_ptr<Journal> journal;
    std::unique_ptr<Applier> applier;
  };
  std::unique_ptr<Parts> open() {
    auto parts = std::make_unique<Parts>();
    parts->database = *sql::open_sqlite({.path = folder_->file("store.db")});
    parts->journal = *Journal::open({.folder = folder_->file("journal")}, parts->clock);
    parts->applier = Applier::make({*parts->journal, *parts->database, parts->signals, parts->clock},
                                   {.note_file = folder_->file("applying"),
                                    .updates_in_hand = 64,
                                    .updates_of_a_number = 48,
                                    .save_marks = milliseconds(2)});
    return parts;
  }
  // Applies in a process of its own, which is killed after a while.
  void apply_and_be_killed(std::chrono::microseconds after) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto parts = open();
      (void)parts->applier->start();
      while (true) ::pause();
    }
    std::this_thread::sleep_for(after);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  void drain(Parts& parts) {
    ASSERT_TRUE(parts.applier->start());
    while (parts.applier->mark() < parts.journal->end()) std::this_thread::sleep_for(milliseconds(1));
    parts.applier->stop();
  }
  static std::int64_t number(Parts& parts, std::string_view text) {
    return *parts.database->read_and_wait(
        [text](sql::Connection& connection) { return connection.run(text).front().number(0); });
  }

  std::unique_ptr<test::TempFolder> folder_;
};

TEST_F(Crash, KilledAgainAndAgainEverythingIsAppliedOnce) {
  given_posts(3'000);
  int midway = 0;
  // A slow machine has applied nothing so soon: later and later, until one was struck on the way.
  for (int kill = 0; kill < 12 || (midway == 0 && kill < 100); ++kill) {
    apply_and_be_killed(std::chrono::microseconds(15'000 + kill * 5'000));
    auto database = *sql::open_sqlite({.path = folder_->file("store.db")});
    const auto applied = *database->read_and_wait(
        [](sql::Connection& connection) { return connection.run("SELECT count(*) FROM message").front().number(0); });
    if (applied > 0 && applied < 3'000) ++midway;
  }
  EXPECT_GT(midway, 0);
  auto parts = open();
  drain(*parts);
  EXPECT_EQ(number(*parts, "SELECT count(*) FROM message"), 3'000);
  EXPECT_EQ(number(*parts, "SELECT count(DISTINCT wamid) FROM message"), 3'000);
  EXPECT_EQ(number(*parts, "SELECT count(*) FROM run_trigger"), 3'000);
  EXPECT_EQ(number(*parts, "SELECT count(*) FROM event WHERE type = 'message.received'"), 3'000);
  EXPECT_EQ(number(*parts, "SELECT count(*) FROM dead_letter"), 0);
  EXPECT_EQ(number(*parts,
                   "SELECT count(*) FROM (SELECT CAST(text AS bigint) - lag(CAST(text AS bigint)) OVER "
                   "(PARTITION BY conversation_id ORDER BY seq) AS step FROM message) AS steps WHERE step < 0"),
            0);
}

// A process of its own that ends by the signal `by` while record 2 is in hand alone, for the third time.
void die_over_record_2(const std::string& path, int by) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (by != SIGKILL) std::signal(by, SIG_DFL);  // not the sanitizer's handler, which ends by exit
    auto note = FlightNote::open(path);
    note->watch_for_faults();
    note->note(ApplyKind::Messages, {.last = 3, .alone = 2, .suspect = 2, .crashes = 2});
    std::raise(by);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << status;
}

TEST_F(Crash, ARecordThatCrashedUsThreeTimesIsBuriedAloneAndItsNeighboursLive) {
  given_posts(3);
  die_over_record_2(folder_->file("applying"), SIGSEGV);
  auto parts = open();
  drain(*parts);
  EXPECT_EQ(number(*parts, "SELECT count(*) FROM message"), 2);
  EXPECT_EQ(number(*parts, "SELECT count(*) FROM message WHERE text = '1'"), 0);
  EXPECT_EQ(number(*parts, "SELECT count(*) FROM dead_letter WHERE reason = 'crashed' AND journal_position = 2"), 1);
}

TEST_F(Crash, ARecordDuringWhichWeWereKilledIsTriedAgainHoweverOften) {
  given_posts(3);
  die_over_record_2(folder_->file("applying"), SIGKILL);
  auto parts = open();
  drain(*parts);
  EXPECT_EQ(number(*parts, "SELECT count(*) FROM message"), 3);
  EXPECT_EQ(number(*parts, "SELECT count(*) FROM dead_letter"), 0);
}

TEST(FlightNote, OnlyARecordThatWasAloneIsAccused) {
  EXPECT_EQ(after_crash({.last = 9}, Ending::ByFault).crashes, 0U);
  auto note = after_crash({.last = 9, .alone = 4}, Ending::ByFault);
  EXPECT_EQ(note.suspect, 4U);
  EXPECT_EQ(note.crashes, 1U);
  note.alone = 5;
  note = after_crash(note, Ending::ByFault);
  EXPECT_EQ(note.suspect, 5U);
  EXPECT_EQ(note.crashes, 1U);
  note = after_crash({.alone = 5, .suspect = 5, .crashes = 2}, Ending::ByFault);
  EXPECT_TRUE(is_to_be_buried(note, 5));
  EXPECT_FALSE(is_to_be_buried(note, 4));
  EXPECT_FALSE(is_to_be_buried(after_crash({.alone = 5, .suspect = 5, .crashes = 2}, Ending::FromOutside), 5));
}

TEST(FlightNote, IsReadAsItWasWrittenAndTornIsEmpty) {
  const test::TempFolder folder;
  const auto path = folder.file("applying");
  FlightNote::open(path)->note(ApplyKind::Statuses, {.last = 7, .alone = 3});
  EXPECT_EQ(FlightNote::open(path)->of(ApplyKind::Statuses).last, 7U);
  EXPECT_EQ(FlightNote::open(path)->of(ApplyKind::Messages).last, 0U);
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(20).put('x');
  EXPECT_EQ(FlightNote::open(path)->of(ApplyKind::Statuses).last, 0U);
}

}  // namespace
}  // namespace waypost
