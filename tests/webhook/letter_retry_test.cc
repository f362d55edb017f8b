#include "webhook/letter_retry.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "store/seen.h"
#include "tests/webhook/gateway.h"
#include "webhook/payload.h"

namespace waypost {
namespace {

using store::DeadReason;
using test::Text;

// A store with letters as earlier releases may have left them.
class Retrying : public testing::Test {
 protected:
  std::int64_t count(const std::string& of) { return gateway.store.number("SELECT count(*) FROM " + of); }
  ReplayParts parts() {
    return {.database = *gateway.store.database, .signals = gateway.signals, .clock = gateway.store.clock};
  }
  DeadLetterId given(DeadReason reason, const std::string& raw, const std::string& place = "") {
    return gateway.store.run([&](sql::Connection& connection) {
      return *store::insert_dead_letter(connection,
                                        {.reason = reason,
                                         .words = "as it was then",
                                         .app = "default",
                                         .journal = JournalId::make(gateway.store.clock.now()),
                                         .position = ++position,
                                         .place = place,
                                         .raw = raw,
                                         .received_at = gateway.store.clock.now()},
                                        gateway.store.clock.now());
    });
  }
  ReplayCounts retry(DeadLetterId id, LateRuns runs = LateRuns::None) {
    const auto tried = retry_letter(parts(), id, runs);
    EXPECT_TRUE(tried) << tried.error().words();
    return tried.value_or(ReplayCounts{});
  }
  ReplayCounts retry_all(store::LetterFilter filter = {}) {
    LetterRetry all(parts(), std::move(filter), LateRuns::None);
    while (*all.next_page()) continue;
    return all.counts();
  }
  std::optional<store::DeadLetter> letter(DeadLetterId id) {
    return gateway.store.run([id](sql::Connection& connection) { return store::find_dead_letter(connection, id); });
  }
  void expect_counts(const ReplayCounts& counts, std::array<std::int64_t, 3> fresh_applied_dead) {
    const auto& [fresh, applied, dead] = fresh_applied_dead;
    EXPECT_EQ(counts.fresh, fresh);
    EXPECT_EQ(counts.applied, applied);
    EXPECT_EQ(counts.dead, dead);
  }

  test::Gateway gateway;
  std::uint64_t position = 0;
};

// Law 2, and nothing starts by itself.
TEST_F(Retrying, WhatCanBeReadNowIsAppliedOnceAndStartsNoRun) {
  const auto id = given(DeadReason::WrongShape, test::body_of(Text{}), "entry[0].changes[0].value.messages[4]");
  expect_counts(retry(id), {1, 0, 0});
  EXPECT_EQ(count("message WHERE text = 'hello'"), 1);
  EXPECT_EQ(count("event WHERE type = 'message.received'"), 1);
  EXPECT_EQ(count("run_trigger"), 0);
  EXPECT_EQ(gateway.signals.count(QueueName::Runs), 0U);
  EXPECT_EQ(letter(id)->applied_at, gateway.store.clock.now());
  EXPECT_EQ(retry_letter(parts(), id, LateRuns::None).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(count("message"), 1);
}

TEST_F(Retrying, RunsAreStartedWhereTheyAreAskedFor) {
  retry(given(DeadReason::WrongShape, test::body_of(Text{})), LateRuns::AsUsual);
  EXPECT_EQ(count("run_trigger"), 1);
  EXPECT_EQ(gateway.signals.count(QueueName::Runs), 1U);
}

TEST_F(Retrying, TheWindowOpensAsMetasTimeSays) {
  gateway.store.clock.pass(std::chrono::days(3));
  retry(given(DeadReason::WrongShape, test::body_of(Text{})));
  EXPECT_EQ(count("conversation WHERE window_expires_at = 1760086400000"), 1);
}

TEST_F(Retrying, WhatWasAppliedMeanwhileChangesNothing) {
  gateway.start();
  gateway.post_and_settle(test::body_of(Text{}));
  const auto id = given(DeadReason::WrongShape, test::body_of(Text{}));
  expect_counts(retry(id), {0, 1, 0});
  EXPECT_TRUE(letter(id)->applied_at);
  EXPECT_EQ(count("message"), 1);
  EXPECT_EQ(count("event WHERE type = 'message.received'"), 1);
}

TEST_F(Retrying, WhatStillCannotBeReadStaysWithTodaysReason) {
  const auto id = given(DeadReason::NotJson, R"({"entry":[{"id":"1"}]})");
  expect_counts(retry(id), {0, 0, 1});
  EXPECT_EQ(letter(id)->reason, DeadReason::WrongShape);
  EXPECT_EQ(letter(id)->words, "an entry without a list of changes");
  EXPECT_FALSE(letter(id)->applied_at);
  const auto broken = given(DeadReason::WrongShape, "{");
  retry(broken);
  EXPECT_EQ(letter(broken)->reason, DeadReason::NotJson);
}

TEST_F(Retrying, ANumberWithoutAChannelWaitsForItWhateverKeptItBefore) {
  const auto id = given(DeadReason::Crashed, test::body_of(Text{.number = "555"}));
  expect_counts(retry(id), {0, 0, 1});
  EXPECT_EQ(letter(id)->reason, DeadReason::NoChannel);
  EXPECT_EQ(letter(id)->phone_number_id, "555");
  gateway.store.add_channel(gateway.store.tenant, "555");
  expect_counts(retry(id), {1, 0, 0});
  EXPECT_EQ(count("message"), 1);
}

// An index of PostgreSQL could not take it.
TEST_F(Retrying, ANumberIdThatNoneCanHaveIsNotWaitedFor) {
  const std::string number(5'000, 'x');
  const auto one = given(DeadReason::WrongShape, test::body_of(Text{.number = number}));
  const auto two = given(
      DeadReason::Crashed,
      test::envelope_of(
          {{"messages", Json::array({test::message_json({.id = "wamid.1"}), test::message_json({.id = "wamid.2"})})}},
          number));
  expect_counts(retry(one), {0, 0, 1});
  expect_counts(retry(two), {0, 0, 2});
  EXPECT_EQ(count("dead_letter WHERE reason = 'no_channel' AND phone_number_id IS NULL"), 3);
}

// Law 3, of a body that nobody could read then.
TEST_F(Retrying, AWholeBodyBecomesALetterForEachPartAndEachStandsForItself) {
  Json bad = test::message_json({.id = "wamid.bad"});
  bad.erase("timestamp");
  const auto good = test::message_json({.id = "wamid.good"});
  const auto id = given(DeadReason::NotJson, test::envelope_of({{"messages", Json::array({bad, good, 7})}}));
  expect_counts(retry(id), {1, 0, 2});
  EXPECT_FALSE(letter(id));
  EXPECT_EQ(count("message WHERE wamid = 'wamid.good'"), 1);
  EXPECT_EQ(count("dead_letter WHERE applied_at IS NULL AND reason = 'wrong_shape' AND words = 'a message without a "
                  "readable timestamp' AND place = 'entry[0].changes[0].value.messages[0]'"),
            1);
  EXPECT_EQ(count("dead_letter WHERE applied_at IS NOT NULL AND place = 'entry[0].changes[0].value.messages[1]'"), 1);
  expect_counts(retry_all(), {0, 0, 2});
  EXPECT_EQ(count("dead_letter"), 3);
}

// A part of it may have been applied before the crash.
TEST_F(Retrying, WhatCrashedIsAppliedOnlyWhileItsTimeIsRemembered) {
  const auto body = test::envelope_of(
      {{"messages", Json::array({test::message_json({.id = "wamid.1"}), test::message_json({.id = "wamid.2"})})}});
  gateway.start();
  gateway.post_and_settle(test::body_of(Text{.id = "wamid.1"}));
  const auto in_time = given(DeadReason::Crashed, body);
  const auto too_late = given(DeadReason::Crashed, body);
  expect_counts(retry(in_time), {1, 1, 0});
  EXPECT_EQ(count("message"), 2);
  gateway.store.clock.pass(std::chrono::days(20));
  gateway.store.run([&](sql::Connection& connection) {
    return store::drop_seen(connection, {.before = gateway.store.clock.now() - std::chrono::days(15)}).dropped;
  });
  expect_counts(retry(too_late), {0, 0, 1});
  EXPECT_EQ(count("message"), 2);
  EXPECT_EQ(letter(too_late)->reason, DeadReason::Crashed);
  EXPECT_NE(letter(too_late)->words, "as it was then");
}

TEST_F(Retrying, AllOfAReasonAreTriedAndNoOthers) {
  for (int i = 0; i < 60; ++i) {
    given(DeadReason::WrongShape, test::body_of(Text{.id = "wamid." + std::to_string(i)}));
    given(DeadReason::Crashed, test::body_of(Text{.id = "wamid.other." + std::to_string(i)}));
  }
  given(DeadReason::WrongShape, "7");
  expect_counts(retry_all({.reason = DeadReason::WrongShape}), {60, 0, 1});
  EXPECT_EQ(count("message"), 60);
  EXPECT_EQ(count("dead_letter WHERE applied_at IS NULL AND reason = 'crashed'"), 60);
}

TEST_F(Retrying, TwoAtOnceApplyEachOnce) {
  for (int i = 0; i < 40; ++i)
    given(DeadReason::WrongShape, test::body_of(Text{.id = "wamid." + std::to_string(i), .body = std::to_string(i)}));
  ReplayCounts one;
  std::thread other([&] { one = retry_all(); });
  const auto two = retry_all();
  other.join();
  EXPECT_EQ(one.fresh + two.fresh, 40);
  EXPECT_EQ(count("message"), 40);
  EXPECT_EQ(count("event WHERE type = 'message.received'"), 40);
  EXPECT_EQ(count("dead_letter WHERE applied_at IS NULL"), 0);
}

// What the daemon itself buried when it was made to crash on statuses.
TEST_F(Retrying, StatusesOfACrashAreReadAgain) {
  const auto read = read_payload(test::envelope_of(
      {{"statuses", Json::array({Json{{"id", "wamid.a"}, {"status", "sent"}, {"timestamp", "1760000100"}},
                                 Json{{"id", "wamid.b"}, {"status", "read"}, {"timestamp", "1760000200"}}})}}));
  ASSERT_EQ(read.statuses.size(), 2U);
  expect_counts(retry(given(DeadReason::Crashed, slice_of(read.statuses), "statuses")), {2, 0, 0});
  EXPECT_EQ(count("parked_status"), 2);
}

}  // namespace
}  // namespace waypost
