#include "webhook/adoption.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "store/export.h"
#include "store/import.h"
#include "tests/webhook/gateway.h"

namespace waypost {
namespace {

using test::Text;
using testing::HasSubstr;

std::string body_number(int number) {
  return test::body_of(Text{.id = "wamid." + std::to_string(number),
                            .from = "1650555" + std::to_string(number % 9),
                            .user_id = "US." + std::to_string(number % 9),
                            .body = std::to_string(number)});
}

// A node that lives, and the folder of one that does not.
class Adopting : public testing::Test {
 protected:
  void SetUp() override { gateway_.start(); }

  std::string folder() const { return gateway_.store.folder.file("gone"); }
  std::unique_ptr<Journal> open_gone() { return *Journal::open({.folder = folder()}, gateway_.store.clock); }
  void given_journal(int records) {
    auto journal = open_gone();
    for (int number = 0; number < records; ++number)
      ASSERT_TRUE(gateway_.loop.wait(journal->append("default", body_number(number))));
  }
  // By the node itself, in its last moments.
  void given_applied(JournalPosition records) {
    auto journal = open_gone();
    const auto applier = Applier::make(
        {*journal, *gateway_.store.database, gateway_.signals, gateway_.store.clock},
        {.note_file = folder() + "/applying", .read_bytes = 1, .updates_in_hand = 8, .updates_of_a_number = 8});
    ASSERT_TRUE(applier->start());
    while (applier->mark() < records) std::this_thread::sleep_for(milliseconds(1));
    applier->stop();
  }
  Result<std::unique_ptr<Adoption>> begin() {
    return Adoption::begin(folder(), {.database = *gateway_.store.database,
                                      .signals = gateway_.signals,
                                      .clock = gateway_.store.clock,
                                      .node = "node-1"});
  }
  void adopt() {
    auto adoption = begin();
    ASSERT_TRUE(adoption) << adoption.error().words();
    while (!(*adoption)->progress().is_over()) (*adoption)->wait(milliseconds(100));
    const auto done = (*adoption)->finish();
    ASSERT_TRUE(done) << done.error().words();
  }
  std::int64_t number(std::string_view text) { return gateway_.store.number(text); }
  void expect_each_once(int records) {
    EXPECT_EQ(number("SELECT count(*) FROM message"), records);
    EXPECT_EQ(number("SELECT count(DISTINCT wamid) FROM message"), records);
    EXPECT_EQ(number("SELECT count(*) FROM (SELECT type FROM event UNION ALL SELECT type FROM event_pending) AS said "
                     "WHERE type = 'message.received'"),
              records);
    EXPECT_EQ(number("SELECT count(*) FROM run_trigger"), records);
  }

  test::Gateway gateway_;
};

TEST_F(Adopting, WhatWasNotAppliedIsAppliedAndNothingTwice) {
  given_journal(200);
  given_applied(50);
  adopt();
  expect_each_once(200);
}

TEST_F(Adopting, TheLivingNodesOwnJournalGoesOnBesideIt) {
  given_journal(50);
  gateway_.post(test::body_of(Text{.id = "wamid.own"}));
  adopt();
  gateway_.post_and_settle(test::body_of(Text{.id = "wamid.own.2"}));
  expect_each_once(52);
}

TEST_F(Adopting, AnAdoptionThatWasCutShortGoesOn) {
  given_journal(500);
  for (int tries = 0; tries < 3; ++tries) {
    auto adoption = begin();
    ASSERT_TRUE(adoption) << adoption.error().words();
    (*adoption)->wait(milliseconds(2));
  }
  adopt();
  expect_each_once(500);
}

TEST_F(Adopting, ASecondTimeItSaysSo) {
  given_journal(5);
  adopt();
  const auto again = begin();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind(), ErrorKind::Conflict);
  EXPECT_THAT(again.error().words(), HasSubstr("by node-1"));
  EXPECT_THAT(again.error().words(), HasSubstr("all of it is applied"));
}

TEST_F(Adopting, ADaemonDoesNotTakeItForItsOwn) {
  given_journal(5);
  adopt();
  const auto opened = Journal::open({.folder = folder()}, gateway_.store.clock);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::Conflict);
  EXPECT_THAT(opened.error().words(), HasSubstr("Move the folder away"));
}

TEST_F(Adopting, AJournalWhoseDaemonLivesIsRefused) {
  given_journal(5);
  const auto alive = open_gone();
  const auto refused = begin();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::Conflict);
  EXPECT_THAT(refused.error().words(), HasSubstr("still runs"));
}

TEST_F(Adopting, AFolderWithoutAJournalIsRefusedAndLeftAsItIs) {
  EXPECT_EQ(begin().error().kind(), ErrorKind::NotFound);
  std::filesystem::create_directory(folder());
  EXPECT_EQ(begin().error().kind(), ErrorKind::NotFound);
  EXPECT_TRUE(std::filesystem::is_empty(folder()));
}

// A restored store is older than its journal: what lies between is applied again.
TEST_F(Adopting, ARestoredStoreTakesTheRestFromTheJournal) {
  for (int number = 0; number < 20; ++number) gateway_.post(body_number(number));
  gateway_.settle();
  gateway_.stop();
  const auto file = gateway_.store.folder.file("backup");
  const auto text = gateway_.store.database->read_and_wait([&](sql::Connection& connection) -> Result<std::string> {
    store::Exporter exporter(connection, store::Taken::Online, gateway_.store.clock.now());
    std::string whole;
    while (const auto piece = *exporter.next()) whole += *piece;
    return whole;
  });
  std::ofstream(file) << *text;
  gateway_.open_applier();
  gateway_.start();
  for (int number = 20; number < 50; ++number) gateway_.post(body_number(number));
  gateway_.settle();
  expect_each_once(50);

  gateway_.applier.reset();
  const test::StorePlace fresh(gateway_.store.folder.file("fresh.db"));
  gateway_.store.database = fresh.open();
  const auto checked = store::check_export(file, nullptr);
  ASSERT_TRUE(checked) << checked.error().words();
  const auto imported = store::import_store(*gateway_.store.database, *checked, gateway_.store.clock.now(), {});
  ASSERT_TRUE(imported) << imported.error().words();
  expect_each_once(20);
  gateway_.open_applier();
  gateway_.start();
  gateway_.settle();
  expect_each_once(50);
  gateway_.applier.reset();
  gateway_.store.close();
}

}  // namespace
}  // namespace waypost
