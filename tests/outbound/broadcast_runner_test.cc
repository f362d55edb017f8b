#include "outbound/broadcast_runner.h"

#include <gmock/gmock.h>

#include <random>

#include "store/broadcast_audience.h"
#include "store/merge.h"
#include "store/restored_sends.h"
#include "tests/outbound/broadcast_stage.h"
#include "tests/support/passing_database.h"

namespace waypost::test {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

class Broadcasting : public BroadcastStage {
 protected:
  void all_are_out() {
    in_store([](sql::Connection& connection) {
      return connection.run("UPDATE message SET state = 'accepted' WHERE state = 'queued'").changed();
    });
  }
};

TEST_F(Broadcasting, GoesToEverybodyInItsAudienceOnce) {
  given_contacts(603);
  given_contact({.tags = {"others"}});
  const auto sent = given_sent();
  const auto runner = make_runner();
  run(*runner);
  EXPECT_EQ(now_of(sent).status, BroadcastStatus::Sending);
  EXPECT_EQ(totals(sent).states["queued"], 603);
  send_all();
  EXPECT_EQ(graph.posts.size(), 603U);
  for (const auto& [address, posts] : posts_by_address()) EXPECT_EQ(posts, 1) << address;
  EXPECT_EQ(totals(sent).states["accepted"], 603);
  run(*runner);
  EXPECT_EQ(now_of(sent).status, BroadcastStatus::Completed);
  EXPECT_EQ(events("broadcast.completed"), 1);
}

TEST_F(Broadcasting, WhoCannotGetItIsLeftOutWithTheReason) {
  given_template("APPROVED", "MARKETING");
  given_contacts(2);
  given_contact({.opted_out = true, .tags = {"all"}});
  given_contact({.marketing_stopped = true, .tags = {"all"}});
  const auto sent = given_sent();
  run(*make_runner());
  EXPECT_EQ(totals(sent).states["queued"], 2);
  EXPECT_THAT(totals(sent).excluded, UnorderedElementsAre(Pair("opted_out", 1), Pair("marketing_stopped", 1)));
}

TEST_F(Broadcasting, WhoStopsMeanwhileIsLeftOutWhenItIsTheirTurn) {
  const auto contacts = given_contacts(3);
  const auto sent = given_sent();
  const auto runner = make_runner();
  round(*runner);  // frozen
  in_store([&](sql::Connection& connection) {
    auto contact = *store::find_contact(connection, tenant, contacts[1]);
    contact.opted_out = true;
    return store::update_contact(connection, contact, clock.now());
  });
  run(*runner);
  EXPECT_EQ(totals(sent).states["queued"], 2);
  EXPECT_THAT(totals(sent).excluded, ElementsAre(Pair("opted_out", 1)));
}

TEST_F(Broadcasting, WhoBecomesAContactLaterIsNotInIt) {
  given_contacts(3);
  const auto sent = given_sent();
  pass(seconds(1));
  given_contacts(2);
  run(*make_runner());
  EXPECT_EQ(totals(sent).recipients, 3);
}

TEST_F(Broadcasting, TheParametersAreTheRecipientsOwn) {
  const auto named = given_contact({.name = "Jane"});
  const auto nameless = given_contact({});
  const auto made = given_broadcast(Json::array({"{{contact.name}} {{row.code}}"}));
  in_store([&](sql::Connection& connection) {
    store::name_recipient(connection, {tenant, made.id, named}, {{"code", "A-1"}}, clock.now());
    store::name_recipient(connection, {tenant, made.id, nameless}, {{"code", "B-2"}}, clock.now());
    return 0;
  });
  move(made, BroadcastStatus::Preparing);
  run(*make_runner());
  send_all();
  std::vector<std::string> texts;
  for (const auto& post : graph.posts)
    texts.push_back(post.message["template"]["components"][0]["parameters"][0]["text"]);
  EXPECT_THAT(texts, testing::UnorderedElementsAre("Jane A-1", testing::HasSubstr("B-2")));
}

TEST_F(Broadcasting, AParameterThatIsNotThereLeavesOneOut) {
  given_contacts(1);
  const auto made = given_broadcast(Json::array({"{{contact.fields.city}}"}));
  given_contact({.fields = {{"city", "Lima"}}, .tags = {"all"}});
  move(made, BroadcastStatus::Preparing);
  run(*make_runner());
  EXPECT_EQ(totals(made).states["queued"], 1);
  EXPECT_THAT(totals(made).excluded, ElementsAre(Pair("missing_parameter", 1)));
}

TEST_F(Broadcasting, NoMoreThanTwoThousandAreAhead) {
  given_contacts(2'300);
  const auto sent = given_sent();
  const auto runner = make_runner();
  run(*runner);
  EXPECT_EQ(totals(sent).states["queued"], 2'000);
  EXPECT_EQ(totals(sent).states["waiting"], 300);
  EXPECT_FALSE(round(*runner));
  all_are_out();
  run(*runner);
  EXPECT_EQ(totals(sent).states["queued"], 300);
  EXPECT_EQ(totals(sent).states["waiting"], 0);
}

TEST_F(Broadcasting, BeginsWhenItsTimeHasCome) {
  given_contacts(2);
  auto made = given_broadcast();
  in_store([&](sql::Connection& connection) {
    made.scheduled_at = clock.now() + std::chrono::hours(1);
    store::move_broadcast(connection, made, BroadcastStatus::Scheduled, clock.now());
    return 0;
  });
  const auto runner = make_runner();
  EXPECT_FALSE(round(*runner));
  pass(std::chrono::hours(1));
  run(*runner);
  EXPECT_EQ(totals(made).states["queued"], 2);
}

TEST_F(Broadcasting, StopsByItselfAndSaysWhy) {
  given_contacts(3);
  const auto sent = given_sent();
  const auto runner = make_runner();
  round(*runner);
  given_template("PAUSED");
  run(*runner);
  const auto stopped = now_of(sent);
  EXPECT_EQ(stopped.status, BroadcastStatus::Paused);
  EXPECT_EQ(stopped.stop.value_or(BroadcastStop{}).reason, "template_paused");
  EXPECT_EQ(totals(sent).states["waiting"], 3);
  EXPECT_EQ(events("broadcast.paused"), 1);
  given_template("APPROVED");
  run(*runner);
  EXPECT_EQ(totals(sent).states["waiting"], 3);
  move(sent, BroadcastStatus::Sending);
  run(*runner);
  EXPECT_EQ(totals(sent).states["queued"], 3);
}

TEST_F(Broadcasting, AChannelThatStandsStillStopsIt) {
  given_contacts(1);
  const auto sent = given_sent();
  const auto runner = make_runner();
  round(*runner);
  set_channel_state("needs_token", "token-1");
  run(*runner);
  EXPECT_EQ(now_of(sent).stop.value_or(BroadcastStop{}).reason, "channel_needs_token");
}

TEST_F(Broadcasting, WhatIsAheadRestsWhileItIsPausedAndGoesOutWhenItGoesOn) {
  given_contacts(2);
  const auto sent = given_sent();
  const auto runner = make_runner();
  run(*runner);
  move(sent, BroadcastStatus::Paused);
  const auto offered = signals.kept;
  send_all();
  EXPECT_TRUE(graph.posts.empty());
  pass(std::chrono::hours(25));  // longer than a message is valid
  for (const auto& signal : offered) handle(signal.key);
  EXPECT_EQ(totals(sent).states["queued"], 2);
  in_store([&](sql::Connection& connection) {
    EXPECT_EQ(store::conversations_ahead(connection, sent).size(), 2U);
    store::renew_validity(connection, sent, std::chrono::hours(24), clock.now());
    return 0;
  });
  move(sent, BroadcastStatus::Sending);
  for (const auto& signal : offered) handle(signal.key);
  EXPECT_EQ(graph.posts.size(), 2U);
}

TEST_F(Broadcasting, WhatIsAheadFailsWithoutAPostWhenItIsCancelled) {
  given_contacts(3);
  const auto sent = given_sent();
  BroadcastRunnerSettings two_a_round;
  two_a_round.recipients_a_page = 2;
  const auto runner = make_runner(two_a_round);
  round(*runner);
  round(*runner);
  move(sent, BroadcastStatus::Cancelled);
  run(*runner);
  send_all();
  EXPECT_TRUE(graph.posts.empty());
  EXPECT_THAT(totals(sent).failed, ElementsAre(Pair("broadcast_cancelled", 2)));
  EXPECT_EQ(totals(sent).states["cancelled"], 1);
}

// Room comes a day later, when a message made today is not valid any more.
TEST_F(Broadcasting, WhoIsBeyondTheMessagingLimitWaitsForRoomAndDoesNotExpire) {
  meta_limits_to(1);
  given_contacts(2);
  const auto sent = given_sent();
  run(*make_runner());
  const auto offered = signals.kept;
  send_all();
  EXPECT_EQ(graph.posts.size(), 1U);
  EXPECT_EQ(totals(sent).states["queued"], 1);
  pass(std::chrono::hours(25));
  for (const auto& signal : offered) handle(signal.key);
  EXPECT_EQ(graph.posts.size(), 2U);
  EXPECT_EQ(totals(sent).states["accepted"], 2);
}

TEST_F(Broadcasting, ARetrySendsAgainOnlyWhatFailed) {
  given_contacts(3);
  const auto sent = given_sent();
  const auto runner = make_runner();
  run(*runner);
  graph.answers(131008);
  send_all();
  run(*runner);
  ASSERT_EQ(now_of(sent).status, BroadcastStatus::Completed);
  ASSERT_EQ(totals(sent).states["failed"], 1);
  const auto retried = in_store([&](sql::Connection& connection) {
    const auto page = store::retry_page(connection, now_of_in(connection, sent), {}, ContactId{});
    EXPECT_EQ(page.recipients.size(), 1U);
    return store::retry_recipients(connection, sent, page.recipients, clock.now());
  });
  EXPECT_EQ(retried, 1);
  EXPECT_EQ(now_of(sent).status, BroadcastStatus::Sending);
  run(*runner);
  send_all();
  run(*runner);
  EXPECT_EQ(now_of(sent).status, BroadcastStatus::Completed);
  EXPECT_EQ(totals(sent).states["accepted"], 3);
  EXPECT_EQ(graph.posts.size(), 4U);
  const auto again = in_store([&](sql::Connection& connection) {
    return connection.run("SELECT id FROM message WHERE replaces IS NOT NULL").front().id<MessageId>(0);
  });
  EXPECT_EQ(message(*message(again).replaces).replaced_by, again);
}

// A status that came after the retry was asked for.
TEST_F(Broadcasting, ARetryLeavesWhatWasDeliveredAfterAll) {
  given_contacts(1);
  const auto sent = given_sent();
  const auto runner = make_runner();
  run(*runner);
  graph.answers(131008);
  send_all();
  run(*runner);
  in_store([&](sql::Connection& connection) {
    const auto page = store::retry_page(connection, now_of_in(connection, sent), {}, ContactId{});
    EXPECT_TRUE(store::retry_recipients(connection, sent, page.recipients, clock.now()));
    connection.run("UPDATE message SET state = 'delivered', failure_reason = NULL WHERE broadcast_id = $1", {sent.id});
    return 0;
  });
  run(*runner);
  send_all();
  EXPECT_EQ(graph.posts.size(), 1U);
  EXPECT_EQ(totals(sent).states["delivered"], 1);
}

TEST_F(Broadcasting, APersonWhoIsMergedMeanwhileGetsItOnce) {
  const auto contacts = given_contacts(2);
  const auto sent = given_sent();
  const auto runner = make_runner();
  round(*runner);  // frozen, both
  in_store([&](sql::Connection& connection) {
    store::merge_contacts(connection, {.tenant = tenant, .survivor = contacts[0], .lost = contacts[1]}, clock.now());
    return 0;
  });
  run(*runner);
  send_all();
  EXPECT_EQ(graph.posts.size(), 1U);
  EXPECT_EQ(totals(sent).recipients, 1);
}

// The page was read before the merge, and written behind it.
TEST_F(Broadcasting, ARowOfAMergedContactFollowsIt) {
  const auto contacts = given_contacts(3);
  const auto sent = given_sent();
  const auto page =
      store::AudiencePage{.members = {{.contact = contacts[0]}, {.contact = contacts[1]}, {.contact = contacts[2]}}};
  in_store([&](sql::Connection& connection) {
    const auto survivor = make_contact(connection, {});
    store::merge_contacts(connection, {.tenant = tenant, .survivor = survivor, .lost = contacts[1]}, clock.now());
    store::merge_contacts(connection, {.tenant = tenant, .survivor = contacts[0], .lost = contacts[2]}, clock.now());
    EXPECT_TRUE(store::freeze_page(connection, now_of_in(connection, sent), page, clock.now()));
    return 0;
  });
  run(*make_runner());
  EXPECT_EQ(totals(sent).recipients, 2);
  EXPECT_EQ(totals(sent).states["queued"], 2);
}

TEST_F(Broadcasting, RepliesAndOptOutsAreCounted) {
  given_contacts(2);
  in_store([&](sql::Connection& connection) {
    auto row = *store::find_contact(connection, tenant, contact);
    row.tags = {"all"};
    return store::update_contact(connection, row, clock.now());
  });
  const auto sent = given_sent();
  run(*make_runner());
  send_all();
  EXPECT_EQ(totals(sent).replied, 0);
  pass(seconds(2));
  customer_writes();
  in_store([&](sql::Connection& connection) {
    auto row = *store::find_contact(connection, tenant, contact);
    row.opted_out = true;
    row.opt_said_at = clock.now();
    return store::update_contact(connection, row, clock.now());
  });
  EXPECT_EQ(totals(sent).replied, 1);
  EXPECT_EQ(totals(sent).opted_out, 1);
  EXPECT_EQ(totals(sent).sent, 3);
  EXPECT_EQ(totals(sent).sent_lately, 3);
}

// Whoever waits in the restored store may have got it since.
TEST_F(Broadcasting, PausesWhenTheStoreWasRestored) {
  given_contacts(2);
  const auto sent = given_sent();
  const auto runner = make_runner();
  round(*runner);
  in_store([](sql::Connection& connection) { return store::hold_sends(connection); });
  run(*runner);
  EXPECT_EQ(now_of(sent).status, BroadcastStatus::Paused);
  EXPECT_EQ(now_of(sent).stop.value_or(BroadcastStop{}).reason, "after_restore");
  EXPECT_EQ(totals(sent).states["waiting"], 2);
}

// Its writes reach the store or not, and their answers come back or not, as when the process dies between two of them.
class Dying final : public PassingDatabase {
 public:
  Dying(sql::Database& real, std::mt19937& chance) : PassingDatabase(real), chance_(chance) {}

  void submit_write(sql::LaneKey key, sql::Urgency urgency, sql::Job job) override {
    const auto fate = chance_() % 100;
    if (fate < 10) return job.done(Error(ErrorKind::Unavailable, "died before the write"));
    if (fate < 20) {
      job.done = [done = std::move(job.done)](std::optional<Error>) mutable {
        done(Error(ErrorKind::Unavailable, "died before the answer"));
      };
    }
    real().submit_write(key, urgency, std::move(job));
  }

 private:
  std::mt19937& chance_;
};

// The runner's signals are lost with it; the sweep finds what is due.
TEST_F(Broadcasting, ARunnerThatDiesAnywhereTakesNobodyTwiceAndForgetsNobody) {
  constexpr int kRecipients = 2'000;
  given_contacts(kRecipients);
  const auto sent = given_sent();
  std::mt19937 chance(20'261'130);
  Dying dying(*database, chance);
  int deaths = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(90);
  while (now_of(sent).status != BroadcastStatus::Completed && std::chrono::steady_clock::now() < end) {
    BroadcastRunnerSettings small;
    small.contacts_a_page = 100 + static_cast<std::int64_t>(chance() % 300);
    small.recipients_a_page = 20 + static_cast<std::int64_t>(chance() % 200);
    BroadcastRunner runner({.loop = loop.executor(), .database = dying, .signals = signals, .clock = clock}, small);
    for (auto rounds = chance() % 4; rounds > 0; --rounds) round(runner);
    ++deaths;
    signals.kept.clear();
    const auto due =
        in_store([&](sql::Connection& connection) { return store::conversations_ahead(connection, sent); });
    for (const auto conversation : due) {
      handle({.owner = tenant, .key = conversation, .stream = Stream::Bulk, .channel = channel_id});
    }
  }
  ASSERT_EQ(now_of(sent).status, BroadcastStatus::Completed);
  EXPECT_GT(deaths, 10);
  EXPECT_EQ(totals(sent).states["accepted"], kRecipients);
  const auto posts = posts_by_address();
  EXPECT_EQ(posts.size(), static_cast<std::size_t>(kRecipients));
  for (const auto& [address, times] : posts) EXPECT_EQ(times, 1) << address;
}

TEST_F(Broadcasting, TwoRunnersAtOnceDoNoHarm) {
  given_contacts(700);
  const auto sent = given_sent();
  const auto one = make_runner();
  const auto other = make_runner();
  one->start();
  other->start();
  EXPECT_TRUE(loop.run_until([&] { return signals.kept.size() >= 700; }));
  loop.wait(one->stop());
  loop.wait(other->stop());
  EXPECT_EQ(totals(sent).states["queued"], 700);
  EXPECT_EQ(
      in_store([&](sql::Connection& connection) {
        return connection.run("SELECT count(*) FROM message WHERE broadcast_id = $1", {sent.id}).front().number(0);
      }),
      700);
}

}  // namespace
}  // namespace waypost::test
