#include "webhook/reingest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>

#include "conversation/callback_data.h"
#include "store/conversations.h"
#include "store/seen.h"
#include "tests/webhook/gateway.h"

namespace waypost {
namespace {

using std::chrono::hours;
using test::Text;
using test::Word;
using testing::HasSubstr;

class Reingesting : public testing::Test {
 protected:
  std::int64_t count(const std::string& of) { return gateway.store.number("SELECT count(*) FROM " + of); }
  Time now() { return gateway.store.clock.now(); }
  ReingestSpan all() { return {.from = from_millis(0), .to = now() + hours(1)}; }
  auto begin(ReingestSpan span) { return begin(std::move(span), gateway.journal->end()); }
  Result<std::unique_ptr<Reingest>> begin(ReingestSpan span, JournalPosition applied) {
    return Reingest::begin(
        *gateway.journal,
        {.database = *gateway.store.database, .signals = gateway.signals, .clock = gateway.store.clock},
        std::move(span), applied);
  }
  ReingestProgress reingest(ReingestSpan span) {
    const auto begun = begin(std::move(span));
    EXPECT_TRUE(begun) << begun.error().words();
    auto more = (*begun)->next_page();
    while (more && *more) more = (*begun)->next_page();
    EXPECT_TRUE(more) << more.error().words();
    return (*begun)->progress();
  }
  void given_message(const std::string& id) { gateway.post(test::body_of(Text{.id = id})); }
  void expect_counts(const ReingestProgress& progress, std::array<std::int64_t, 4> records_fresh_applied_dead) {
    const auto& [records, fresh, applied, dead] = records_fresh_applied_dead;
    EXPECT_EQ(progress.records, records);
    EXPECT_EQ(progress.updates.fresh, fresh);
    EXPECT_EQ(progress.updates.applied, applied);
    EXPECT_EQ(progress.updates.dead, dead);
  }
  // Rows of everything that an applied webhook leaves.
  std::map<std::string, std::int64_t> rows() {
    std::map<std::string, std::int64_t> found;
    for (const auto* table : {"message", "event", "run_trigger", "contact", "conversation", "dead_letter",
                              "seen_message", "message_mark", "parked_status"})
      found[table] = count(table);
    found["seq"] = gateway.store.number("SELECT CAST(sum(next_seq) AS bigint) FROM conversation");
    return found;
  }

  test::Gateway gateway;
};

// Law 2: everything that may come, once more.
TEST_F(Reingesting, AWholeDayOnceMoreChangesNothing) {
  gateway.start();
  for (int i = 0; i < 70; ++i) given_message("wamid." + std::to_string(i));
  gateway.settle();
  const auto sent = gateway.store.run([&](sql::Connection& connection) {
    const auto conversation = store::list_conversations(connection, gateway.store.tenant, {}).front();
    return store::queue_message(connection, conversation, {.text = "hi"}, now());
  });
  const auto ours = format_callback_data({.message = sent.id, .attempt = 1});
  for (const auto* word : {"delivered", "sent", "failed", "read"})
    gateway.post(test::body_of(Word{.status = word, .ours = ours}));
  gateway.post(test::body_of(Word{.id = "wamid.nobody's"}));
  Json bad = test::message_json({.id = "wamid.bad"});
  bad.erase("timestamp");
  gateway.post(test::envelope_of({{"messages", Json::array({bad, test::message_json({.id = "wamid.good"})})}}));
  gateway.post("not json");
  gateway.post(test::body_of(Text{.id = "wamid.elsewhere", .number = "555"}));
  const Json news{{"field", "account_update"}, {"value", {{"event", "DISABLED_UPDATE"}}}};
  gateway.post(dump({{"entry", Json::array({{{"id", test::kWaba}, {"time", 5}, {"changes", Json::array({news})}}})}}));
  gateway.settle();
  const auto before = rows();
  expect_counts(reingest(all()), {79, 0, 77, 3});
  EXPECT_EQ(rows(), before);
  auto rehearsal = all();
  rehearsal.rehearsal = Rehearsal::Yes;
  expect_counts(reingest(rehearsal), {79, 0, 77, 3});
  EXPECT_EQ(rows(), before);
}

TEST_F(Reingesting, WhatWasNeverAppliedIsAppliedOnceAndStartsNoRun) {
  for (int i = 0; i < 70; ++i) given_message("wamid." + std::to_string(i));
  auto rehearsal = all();
  rehearsal.rehearsal = Rehearsal::Yes;
  expect_counts(reingest(rehearsal), {70, 70, 0, 0});
  EXPECT_EQ(count("message"), 0);
  expect_counts(reingest(all()), {70, 70, 0, 0});
  EXPECT_EQ(count("message"), 70);
  EXPECT_EQ(count("run_trigger"), 0);
  expect_counts(reingest(all()), {70, 0, 70, 0});
  EXPECT_EQ(count("event WHERE type = 'message.received'"), 70);
}

TEST_F(Reingesting, RunsAreStartedWhereTheyAreAskedFor) {
  given_message("wamid.1");
  auto span = all();
  span.runs = LateRuns::AsUsual;
  reingest(span);
  EXPECT_EQ(count("run_trigger"), 1);
  EXPECT_EQ(gateway.signals.count(QueueName::Runs), 1U);
}

TEST_F(Reingesting, OnlyWhatWasReceivedInTheSpanAndByTheAppIsRead) {
  std::vector<Time> times;
  for (int i = 0; i < 60; ++i) {
    times.push_back(now());
    given_message("wamid." + std::to_string(i));
    gateway.store.clock.pass(std::chrono::minutes(5));
  }
  ASSERT_TRUE(gateway.loop.wait(gateway.journal->append("shop", test::body_of(Text{.id = "wamid.shop"}))));
  const auto progress = reingest({.from = times[20], .to = times[40]});
  EXPECT_EQ(progress.records, 20);
  EXPECT_GT(progress.first, 15U);
  EXPECT_LT(progress.last, 45U);
  EXPECT_EQ(count("message"), 20);
  EXPECT_EQ(count("message WHERE wamid IN ('wamid.19', 'wamid.40')"), 0);
  expect_counts(reingest({.from = times[0], .to = now() + hours(1), .app = "shop"}), {1, 1, 0, 0});
}

// Over midnight, because a day is a file.
TEST_F(Reingesting, ASpanOfSeveralDaysIsReadThrough) {
  for (int i = 0; i < 50; ++i) {
    given_message("wamid." + std::to_string(i));
    gateway.store.clock.pass(hours(2));
  }
  expect_counts(reingest(all()), {50, 50, 0, 0});
}

// It would be applied without its run, which the applier gives it.
TEST_F(Reingesting, WhatTheApplierHasNotReachedIsLeftToIt) {
  for (int i = 0; i < 10; ++i) given_message("wamid." + std::to_string(i));
  const auto begun = begin(all(), 4);
  ASSERT_TRUE(begun);
  while (*(*begun)->next_page()) continue;
  EXPECT_EQ(count("message"), 4);
  gateway.start();
  gateway.settle();
  EXPECT_EQ(count("message"), 10);
  EXPECT_EQ(count("run_trigger"), 6);
}

TEST_F(Reingesting, TheApplierGoesOnBesideIt) {
  gateway.start();
  for (int i = 0; i < 70; ++i) given_message("wamid." + std::to_string(i));
  gateway.settle();
  const auto mark = gateway.applier->mark();
  const auto begun = begin(all());
  ASSERT_TRUE(begun);
  bool more = true;
  for (int i = 0; more; ++i) {
    given_message("wamid.new." + std::to_string(i));
    more = *(*begun)->next_page();
  }
  gateway.settle();
  EXPECT_GT(gateway.applier->mark(), mark);
  EXPECT_EQ(count("message"), count("run_trigger"));
  EXPECT_EQ(count("message"), static_cast<std::int64_t>(gateway.journal->end()));
}

// Law 2: the ids of that time are forgotten, so that nobody could tell what was applied.
TEST_F(Reingesting, ASpanBeyondWhatIsRememberedIsRefused) {
  gateway.start();
  given_message("wamid.1");
  gateway.settle();
  const auto then = now();
  gateway.store.clock.pass(std::chrono::days(20));
  const auto forgotten = now() - std::chrono::days(15);
  gateway.store.run(
      [&](sql::Connection& connection) { return store::drop_seen(connection, {.before = forgotten}).dropped; });
  const auto refused = begin({.from = then, .to = now()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::InvalidInput);
  EXPECT_THAT(refused.error().words(), HasSubstr("applied twice"));
  EXPECT_TRUE(begin({.from = forgotten + hours(25), .to = now()}));
  EXPECT_EQ(count("message"), 1);
}

TEST_F(Reingesting, WhatIsForgottenOnTheWayEndsIt) {
  for (int i = 0; i < 10; ++i) given_message("wamid." + std::to_string(i));
  const auto begun = begin(all());
  ASSERT_TRUE(begun);
  gateway.store.run([&](sql::Connection& connection) {
    store::first_seen(connection, {gateway.store.tenant, "1", "old"}, now() - std::chrono::days(2));
    return store::drop_seen(connection, {.before = now() + std::chrono::days(1)}).dropped;
  });
  const auto page = (*begun)->next_page();
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind(), ErrorKind::Rejected);
  EXPECT_EQ(count("message"), 0);
}

TEST_F(Reingesting, AnEmptySpanIsRefused) {
  EXPECT_EQ(begin({.from = now(), .to = now()}).error().kind(), ErrorKind::InvalidInput);
}

TEST_F(Reingesting, AnEmptyJournalIsRead) { expect_counts(reingest(all()), {0, 0, 0, 0}); }

// A letter and its record's update are one thing.
TEST_F(Reingesting, LettersOfTheSpanAreAppliedWithTheirMarks) {
  gateway.start();
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.1", .number = "555"}));
  gateway.stop();
  gateway.store.add_channel(gateway.store.tenant, "555");
  auto rehearsal = all();
  rehearsal.rehearsal = Rehearsal::Yes;
  expect_counts(reingest(rehearsal), {1, 1, 0, 0});
  expect_counts(reingest(all()), {1, 1, 0, 0});
  EXPECT_EQ(count("message"), 1);
  EXPECT_EQ(count("dead_letter WHERE applied_at IS NULL"), 0);
  expect_counts(reingest(all()), {1, 0, 1, 0});
}

TEST_F(Reingesting, ALetterOfAWholeBodyIsTakenApart) {
  gateway.start();
  const auto body = test::envelope_of(
      {{"messages", Json::array({test::message_json({.id = "wamid.1"}), test::message_json({.id = "wamid.2"})})}});
  const auto position = gateway.post(body);
  gateway.store.run([&](sql::Connection& connection) {
    return store::insert_dead_letter(connection,
                                     {.reason = store::DeadReason::NotJson,
                                      .app = "default",
                                      .journal = gateway.journal->id(),
                                      .position = position,
                                      .raw = body,
                                      .received_at = now()},
                                     now())
        .has_value();
  });
  gateway.settle();
  const auto triggers = count("run_trigger");
  const auto progress = reingest(all());
  EXPECT_EQ(progress.updates.fresh + progress.updates.applied, 2);
  EXPECT_EQ(count("message"), 2);
  EXPECT_EQ(count("run_trigger"), triggers);
  EXPECT_EQ(count("dead_letter WHERE applied_at IS NULL"), 0);
}

// It would crash the daemon once more.
TEST_F(Reingesting, ARecordThatCrashedTheDaemonIsLeftToARetry) {
  const auto position = gateway.post(test::body_of(Text{}));
  gateway.store.run([&](sql::Connection& connection) {
    return store::insert_dead_letter(connection,
                                     {.reason = store::DeadReason::Crashed,
                                      .app = "default",
                                      .journal = gateway.journal->id(),
                                      .position = position,
                                      .raw = test::body_of(Text{}),
                                      .received_at = now()},
                                     now())
        .has_value();
  });
  expect_counts(reingest(all()), {1, 0, 0, 1});
  EXPECT_EQ(count("message"), 0);
}

// The parser of the release that applied it left it out.
TEST_F(Reingesting, WhatCannotBeReadBecomesALetterOnce) {
  gateway.post("{\"entry\":[");
  expect_counts(reingest(all()), {1, 0, 0, 1});
  expect_counts(reingest(all()), {1, 0, 0, 1});
  EXPECT_EQ(count("dead_letter WHERE reason = 'not_json'"), 1);
}

}  // namespace
}  // namespace waypost
