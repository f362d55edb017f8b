#include "outbound/sender.h"

#include <gmock/gmock.h>

#include <utility>

#include "store/queue_pauses.h"
#include "store/statuses.h"
#include "tests/outbound/stage.h"
#include "tests/support/passing_database.h"

namespace waypost::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;

// The row as a process left it that died behind this step.
class SenderTest : public Stage {
 protected:
  store::Message begin(MessageId id) {
    const auto head = message(id);
    return *in_store([&](sql::Connection& connection) {
      return store::begin_send(connection, head, clock.now() + seconds(30), clock.now());
    });
  }
  // Two handlers on the same stream at the same time.
  void send_twice_at_once() {
    int ended = 0;
    for (int i = 0; i < 2; ++i) {
      asio::co_spawn(loop.context(), sender->handle(key()), [&](std::exception_ptr, const WorkOutcome&) { ++ended; });
    }
    loop.run_until([&] { return ended == 2; });
  }
};

// A store whose next write loses a race for a key, again and again, to another node.
class LosingDatabase final : public test::PassingDatabase {
 public:
  using PassingDatabase::PassingDatabase;

  void submit_write(sql::LaneKey key, sql::Urgency urgency, sql::Job job) override {
    if (std::exchange(loses_, false)) return job.done(Error(ErrorKind::Conflict, "SQLSTATE 23505"));
    real().submit_write(key, urgency, std::move(job));
  }
  void submit_read(sql::Job job) override {
    ++looks;
    real().submit_read(std::move(job));
  }

  int looks = 0;

 private:
  bool loses_ = true;
};

TEST_F(SenderTest, AStreamThatAnotherNodeBeganToSendIsLookedAtAgain) {
  const auto id = given_message("hi");
  LosingDatabase losing(*database);
  auto of_sender = parts();
  of_sender.database = &losing;
  sender = std::make_unique<Sender>(of_sender, settings, GraphSettings{});
  EXPECT_EQ(send(), std::nullopt);
  EXPECT_EQ(state_of(id), MessageState::Accepted);
  EXPECT_EQ(losing.looks, 3);
  sender.reset();
}

TEST_F(SenderTest, SendsAndKeepsMetasIdAndTheTrace) {
  const auto id = given_message("hi");
  EXPECT_EQ(send(), std::nullopt);
  const auto row = message(id);
  EXPECT_EQ(row.state, MessageState::Accepted);
  EXPECT_EQ(row.wamid, "wamid.1");
  EXPECT_EQ(row.attempt, 1);
  EXPECT_EQ(row.due_at, std::nullopt);
  EXPECT_EQ(row.accepted_at, clock.now());
  EXPECT_EQ(row.exchange["method"], "POST");
  ASSERT_EQ(graph.posts.size(), 1U);
  EXPECT_EQ(graph.posts[0].number, "106");
  EXPECT_EQ(graph.posts[0].token, "token-1");
  EXPECT_EQ(graph.posts[0].message["to"], "+491701234567");
  EXPECT_EQ(graph.posts[0].message["biz_opaque_callback_data"], "wp1:" + id.text() + ":1");
  EXPECT_EQ(events("message.accepted"), 1);
}

TEST_F(SenderTest, SendsInSequence) {
  for (const char* text : {"one", "two", "three"}) given_message(text);
  send();
  EXPECT_THAT(texts_posted(), ElementsAre("one", "two", "three"));
}

// The limit of people that a business may reach outside their windows; inside nobody counts.
TEST_F(SenderTest, ATemplateBeyondTheMessagingLimitWaitsForRoom) {
  meta_limits_to(0);
  pass(hours(25));
  const auto id = given_template_message();
  const auto until = send();
  ASSERT_TRUE(until);
  EXPECT_GT(*until, clock.now() + minutes(1));
  EXPECT_EQ(state_of(id), MessageState::Queued);
  EXPECT_EQ(message(id).attempt, 0);
  EXPECT_TRUE(graph.posts.empty());
  customer_writes();
  send();
  EXPECT_EQ(state_of(id), MessageState::Accepted);
}

TEST_F(SenderTest, WhomMetaLetsUsReachCounts) {
  pass(hours(25));
  const auto id = given_template_message();
  send();
  EXPECT_EQ(state_of(id), MessageState::Accepted);
  EXPECT_EQ(reached(), 1);
  status_fails(id, 131026);
  EXPECT_EQ(reached(), 1);
}

TEST_F(SenderTest, WhomMetaRefusedAtOnceDoesNotCount) {
  pass(hours(25));
  const auto refused = given_template_message();
  graph.answers(132001);
  send();
  EXPECT_EQ(state_of(refused), MessageState::Failed);
  EXPECT_EQ(reached(), 0);
  const auto slowed = given_template_message();
  graph.answers(130429);
  send();
  EXPECT_EQ(state_of(slowed), MessageState::Queued);
  EXPECT_EQ(reached(), 0);
  send_until(slowed, MessageState::Accepted);
  EXPECT_EQ(reached(), 1);
}

// It may have reached them.
TEST_F(SenderTest, AnUnknownOutcomeCountsWhateverBecomesOfIt) {
  pass(hours(25));
  const auto id = given_template_message();
  graph.loses_the_answer();
  send();
  EXPECT_EQ(state_of(id), MessageState::Unknown);
  pass(minutes(5));
  send();
  EXPECT_EQ(reason_of(id), "outcome_unknown");
  EXPECT_EQ(reached(), 1);
}

TEST_F(SenderTest, ANumberBesideTheAppSendsAtItsOwnRate) {
  const auto sent_at_once = [this] {
    for (int i = 0; i < 10; ++i) given_message("n" + std::to_string(i));
    return sends_once();
  };
  in_store([this](sql::Connection& connection) {
    store::note_app_in_use(connection, *store::find_channel(connection, tenant, channel_id), clock.now(), clock.now());
  });
  EXPECT_EQ(sent_at_once(), 2U);
  pass(seconds(1));
  in_store([this](sql::Connection& connection) {
    const Json fields{{"is_on_biz_app", false}, {"throughput", {{"level", "HIGH"}}}};
    store::note_number_fields(connection, *store::find_channel(connection, tenant, channel_id),
                              {.fields = fields, .at = clock.now() + seconds(1)}, clock.now());
  });
  EXPECT_EQ(sent_at_once(), 18U);
}

TEST_F(SenderTest, AManyTimesLongerQueueIsGivenBackInBetween) {
  settings.pacing = false;
  restart();
  for (int i = 0; i < 40; ++i) given_message("n" + std::to_string(i));
  EXPECT_EQ(send(), clock.now());
  EXPECT_LT(graph.posts.size(), 40U);
  send();
  EXPECT_EQ(graph.posts.size(), 40U);
}

TEST_F(SenderTest, AHeadThatWaitsKeepsItsPlaceAndHoldsNoWorker) {
  const auto first = given_message("one");
  const auto second = given_message("two");
  graph.answers(131056);
  EXPECT_EQ(send(), clock.now() + seconds(1));
  EXPECT_EQ(state_of(first), MessageState::Queued);
  EXPECT_EQ(message(first).failures, 1);
  EXPECT_EQ(state_of(second), MessageState::Queued);
  pass(seconds(1));
  EXPECT_EQ(send(), std::nullopt);
  EXPECT_THAT(texts_posted(), ElementsAre("one", "one", "two"));
  EXPECT_EQ(message(first).attempt, 2);
  EXPECT_EQ(message(first).failures, 0);
  EXPECT_EQ(graph.posts[1].message["biz_opaque_callback_data"], "wp1:" + first.text() + ":2");
}

TEST_F(SenderTest, ARefusalForGoodFailsItWithMetasWordsAndLetsTheNextGo) {
  const auto first = given_message("one");
  const auto second = given_message("two");
  graph.answers(131026);
  send();
  EXPECT_EQ(state_of(first), MessageState::Failed);
  EXPECT_EQ(message(first).failure->reason, "undeliverable");
  EXPECT_EQ(message(first).failure->code, 131026);
  EXPECT_EQ(message(first).failure->words, "Meta's words");
  EXPECT_EQ(state_of(second), MessageState::Accepted);
  EXPECT_EQ(events("message.failed"), 1);
}

TEST_F(SenderTest, AnUnreachableGraphIsTriedUntilTheValidityEnds) {
  const auto id = given_message("hi");
  for (int i = 0; i < 40; ++i) graph.is_unreachable();
  for (int i = 0; i < 40; ++i) clock.set(send().value());
  EXPECT_EQ(state_of(id), MessageState::Queued);
  EXPECT_EQ(message(id).failures, 40);
  clock.set(*message(id).expires_at);
  send();
  EXPECT_EQ(state_of(id), MessageState::Expired);
  EXPECT_EQ(reason_of(id), "expired");
}

TEST_F(SenderTest, AnExpiredMessageIsNeverPosted) {
  const auto id = given_message("hi");
  pass(settings.validity);
  customer_writes();
  send();
  EXPECT_EQ(state_of(id), MessageState::Expired);
  EXPECT_TRUE(graph.posts.empty());
  EXPECT_EQ(events("message.expired"), 1);
}

// --- Law 8: the third outcome ------------------------------------------------------------------------------------

TEST_F(SenderTest, ALostAnswerIsUnknownAndNeverSentAgain) {
  const auto first = given_message("one");
  const auto second = given_message("two");
  graph.loses_the_answer();
  EXPECT_EQ(send(), clock.now() + settings.unknown_grace);
  EXPECT_EQ(state_of(first), MessageState::Unknown);
  pass(settings.unknown_grace);
  send();
  EXPECT_EQ(state_of(first), MessageState::Failed);
  EXPECT_EQ(reason_of(first), "outcome_unknown");
  EXPECT_EQ(state_of(second), MessageState::Accepted);
  EXPECT_THAT(texts_posted(), ElementsAre("one", "two"));
}

TEST_F(SenderTest, AnUnknownOutcomeIsSettledByTheStatusWithOurId) {
  const auto first = given_message("one");
  const auto second = given_message("two");
  graph.loses_the_answer();
  send();
  status_says(first, "delivered");
  EXPECT_EQ(state_of(first), MessageState::Delivered);
  EXPECT_EQ(send(), std::nullopt);
  EXPECT_EQ(state_of(second), MessageState::Accepted);
}

TEST_F(SenderTest, ALaterStatusLiftsTheGuess) {
  const auto id = given_message("one");
  graph.loses_the_answer();
  send_until(id, MessageState::Failed);
  status_says(id, "sent");
  EXPECT_EQ(state_of(id), MessageState::Sent);
  EXPECT_EQ(reason_of(id), "");
}

TEST_F(SenderTest, TheGraceWaitsForWebhooksThatAreNotYetApplied) {
  const auto id = given_message("one");
  graph.loses_the_answer();
  applied_until = clock.now();
  send();
  pass(settings.unknown_grace + minutes(10));
  const auto next = send();
  EXPECT_EQ(state_of(id), MessageState::Unknown);
  EXPECT_GT(next, clock.now());
  applied_until = clock.now();
  send();
  EXPECT_EQ(state_of(id), MessageState::Failed);
}

TEST_F(SenderTest, AStatusBeforeTheAnswerStands) {
  const auto id = given_message("one");
  graph.meanwhile([&] { status_says(id, "read"); });
  graph.answers(Accepted{.wamid = "wamid.X"});
  send();
  EXPECT_EQ(state_of(id), MessageState::Read);
  EXPECT_EQ(message(id).accepted_at, clock.now());
}

TEST_F(SenderTest, AStatusBeforeALostAnswerStands) {
  const auto id = given_message("one");
  graph.meanwhile([&] { status_says(id, "sent"); });
  graph.loses_the_answer();
  EXPECT_EQ(send(), std::nullopt);
  EXPECT_EQ(state_of(id), MessageState::Sent);
}

TEST_F(SenderTest, AStatusParkedForTheWamidIsSettledWithTheAnswer) {
  const auto id = given_message("one");
  in_store([&](sql::Connection& connection) {
    store::Status said{.wamid = "wamid.P", .word = MetaWord::Delivered, .at = clock.now()};
    return store::apply_status(connection, {.tenant = tenant, .channel = channel_id}, said, clock.now()).parked;
  });
  graph.answers(Accepted{.wamid = "wamid.P"});
  send();
  EXPECT_EQ(state_of(id), MessageState::Delivered);
}

// --- Crashes: the row as it was left behind each commit ------------------------------------------------------------

TEST_F(SenderTest, ACrashBeforeTheCommitChangesNothing) {
  const auto id = given_message("one");
  restart();
  send();
  EXPECT_EQ(state_of(id), MessageState::Accepted);
  EXPECT_EQ(graph.posts.size(), 1U);
}

TEST_F(SenderTest, ACrashBehindTheCommitIsUnknownNeverASecondPost) {
  const auto id = given_message("one");
  begin(id);
  pass(seconds(1));
  restart();
  EXPECT_EQ(send(), clock.now() + settings.unknown_grace);
  EXPECT_EQ(state_of(id), MessageState::Unknown);
  send_until(id, MessageState::Failed);
  EXPECT_EQ(reason_of(id), "outcome_unknown");
  EXPECT_TRUE(graph.posts.empty());
}

TEST_F(SenderTest, ASendThatLivesIsLeftAloneByOthersUntilItsLeaseEnds) {
  const auto id = given_message("one");
  begin(id);
  EXPECT_EQ(send(), clock.now() + seconds(30));
  EXPECT_EQ(state_of(id), MessageState::Sending);
  pass(seconds(30));
  send();
  EXPECT_EQ(state_of(id), MessageState::Unknown);
}

TEST_F(SenderTest, AnAnswerThatComesAfterAnImpatientWorkerIsStillTaken) {
  const auto id = given_message("one");
  const auto begun = begin(id);
  pass(seconds(30));
  send();
  ASSERT_EQ(state_of(id), MessageState::Unknown);
  in_store([&](sql::Connection& connection) {
    return store::record_accepted(connection, begun, {.wamid = "wamid.L"}, clock.now());
  });
  EXPECT_EQ(state_of(id), MessageState::Accepted);
  EXPECT_EQ(message(id).wamid, "wamid.L");
}

TEST_F(SenderTest, AResultOfAnEarlierAttemptTouchesNothing) {
  const auto id = given_message("one");
  const auto begun = begin(id);
  in_store([&](sql::Connection& connection) { return store::take_back(connection, begun, clock.now()); });
  send();
  ASSERT_EQ(message(id).attempt, 2);
  const bool applied = in_store([&](sql::Connection& connection) {
    return store::record_accepted(connection, begun, {.wamid = "wamid.old"}, clock.now());
  });
  EXPECT_FALSE(applied);
  EXPECT_EQ(message(id).wamid, "wamid.1");
}

TEST_F(SenderTest, TwoHandlersOnOneConversationMakeOnePostAMessage) {
  graph.takes(milliseconds(20));
  const auto first = given_message("one");
  const auto second = given_message("two");
  send_twice_at_once();
  send_until(first, MessageState::Accepted);
  send_until(second, MessageState::Accepted);
  EXPECT_THAT(texts_posted(), ElementsAre("one", "two"));
}

TEST_F(SenderTest, OnlyOneOfTwoCommitsTheAttempt) {
  const auto head = message(given_message("one"));
  const auto first = begin(head.id);
  EXPECT_EQ(first.attempt, 1);
  const auto second = in_store([&](sql::Connection& connection) {
    return store::begin_send(connection, head, clock.now() + seconds(30), clock.now());
  });
  EXPECT_EQ(second, std::nullopt);
}

TEST_F(SenderTest, OnlyTheHeadCanBegin) {
  given_message("one");
  const auto behind = message(given_message("two"));
  const auto begun = in_store([&](sql::Connection& connection) {
    return store::begin_send(connection, behind, clock.now() + seconds(30), clock.now());
  });
  EXPECT_EQ(begun, std::nullopt);
}

// The lane takes its time over one commit.
class SlowDatabase final : public test::PassingDatabase {
 public:
  SlowDatabase(sql::Database& real, FakeClock& clock) : PassingDatabase(real), clock_(clock) {}
  void delay_next_write(milliseconds time) { delay_ = time; }

  void submit_write(sql::LaneKey key, sql::Urgency urgency, sql::Job job) override {
    if (const auto delay = std::exchange(delay_, milliseconds(0)); delay.count() > 0) {
      job.done = [this, delay, done = std::move(job.done)](std::optional<Error> error) mutable {
        clock_.pass(delay);
        done(std::move(error));
      };
    }
    real().submit_write(key, urgency, std::move(job));
  }

 private:
  FakeClock& clock_;
  milliseconds delay_{0};
};

TEST_F(SenderTest, NothingIsPostedLaterThanFiveSecondsAfterItsCommit) {
  const auto id = given_message("one");
  SlowDatabase slow(*database, clock);
  auto with_slow = parts();
  with_slow.database = &slow;
  sender = std::make_unique<Sender>(with_slow, settings, GraphSettings{});
  slow.delay_next_write(seconds(6));
  send();
  EXPECT_EQ(state_of(id), MessageState::Accepted);
  ASSERT_EQ(graph.posts.size(), 1U);
  EXPECT_EQ(graph.posts[0].message["biz_opaque_callback_data"], "wp1:" + id.text() + ":2");
}

TEST_F(SenderTest, AWindowThatClosedDuringTheCommitIsNotedBeforeThePost) {
  settings.window_margin = seconds(0);
  restart();
  pass(hours(24) - seconds(4));
  const auto id = given_message("one", WindowPolicy::Hold);
  SlowDatabase slow(*database, clock);
  auto with_slow = parts();
  with_slow.database = &slow;
  sender = std::make_unique<Sender>(with_slow, settings, GraphSettings{});
  slow.delay_next_write(seconds(4));
  send();
  EXPECT_EQ(state_of(id), MessageState::Held);
  EXPECT_TRUE(graph.posts.empty());
}

// --- The token -----------------------------------------------------------------------------------------------------

TEST_F(SenderTest, ARefusedTokenHoldsEverythingInPlaceAndBurnsNothing) {
  const auto first = given_message("one");
  const auto second = given_message("two");
  graph.answers(190);
  EXPECT_EQ(send(), clock.now() + seconds(30));
  EXPECT_EQ(channel().state, "needs_token");
  EXPECT_EQ(events("channel.updated"), 1);
  for (int poll = 0; poll < 20; ++poll) {
    pass(seconds(30));
    EXPECT_EQ(send(), clock.now() + seconds(30));
  }
  EXPECT_EQ(graph.posts.size(), 1U);
  EXPECT_EQ(message(first).failures, 0);
  set_channel_state("active", "token-2");
  EXPECT_EQ(send(), std::nullopt);
  EXPECT_EQ(state_of(first), MessageState::Accepted);
  EXPECT_EQ(state_of(second), MessageState::Accepted);
  EXPECT_EQ(graph.posts[1].token, "token-2");
}

TEST_F(SenderTest, WithANewTokenTheRefusedOneGoesAtOnce) {
  const auto id = given_message("one");
  graph.answers(190);
  send();
  ASSERT_EQ(state_of(id), MessageState::Queued);
  set_channel_state("active", "token-2");
  EXPECT_EQ(send(), std::nullopt);
  EXPECT_EQ(state_of(id), MessageState::Accepted);
  EXPECT_EQ(message(id).attempt, 2);
}

TEST_F(SenderTest, ATokenChangedMeanwhileIsNotBlamed) {
  given_message("one");
  graph.meanwhile([&] { set_channel_state("active", "token-2"); });
  graph.answers(190);
  send();
  EXPECT_EQ(channel().state, "active");
}

TEST_F(SenderTest, AStoppedChannelHoldsItsSendsAndBurnsNothingWhileMessagesComeIn) {
  const auto id = given_message("one");
  const store::PauseReach reach{.tenant = tenant, .channel = channel_id};
  in_store([&](sql::Connection& connection) {
    store::pause(connection, {.reach = reach, .queue = store::WorkQueue::Sends, .created_at = clock.now()});
  });
  for (int poll = 0; poll < 5; ++poll) {
    EXPECT_EQ(send(), clock.now() + seconds(30));
    pass(seconds(30));
    customer_writes();
  }
  EXPECT_TRUE(graph.posts.empty());
  EXPECT_EQ(message(id).attempt, 0);
  in_store([&](sql::Connection& connection) { return store::resume(connection, reach, store::WorkQueue::Sends); });
  EXPECT_EQ(send(), std::nullopt);
  EXPECT_EQ(state_of(id), MessageState::Accepted);
}

TEST_F(SenderTest, APausedChannelSendsNothing) {
  const auto id = given_message("one");
  set_channel_state("paused", "token-1");
  EXPECT_EQ(send(), clock.now() + seconds(30));
  EXPECT_EQ(state_of(id), MessageState::Queued);
  EXPECT_TRUE(graph.posts.empty());
}

// --- Identity ------------------------------------------------------------------------------------------------------

TEST_F(SenderTest, AWaIdThatDiffersBecomesAnAlias) {
  given_message("one");
  graph.answers(Accepted{.wamid = "wamid.A", .wa_id = "49170000"});
  send();
  const auto found = in_store([&](sql::Connection& connection) {
    return store::contact_of_alias(connection, tenant, {.kind = AliasKind::Phone, .value = "49170000"});
  });
  EXPECT_EQ(found, contact);
}

TEST_F(SenderTest, AWaIdOfAnotherContactIsLeftToIt) {
  const auto other = in_store([&](sql::Connection& connection) {
    return store::create_contact(connection, {.tenant = tenant}, {{.kind = AliasKind::Phone, .value = "49170000"}},
                                 clock.now())
        ->id;
  });
  const auto id = given_message("one");
  graph.answers(Accepted{.wamid = "wamid.A", .wa_id = "49170000"});
  send();
  EXPECT_EQ(state_of(id), MessageState::Accepted);
  const auto found = in_store([&](sql::Connection& connection) {
    return store::contact_of_alias(connection, tenant, {.kind = AliasKind::Phone, .value = "49170000"});
  });
  EXPECT_EQ(found, other);
}

TEST_F(SenderTest, AMergedConversationIsHandedToItsSurvivor) {
  given_message("one");
  const auto survivor = ConversationId::make(clock.now());
  in_store([&](sql::Connection& connection) {
    connection.run("UPDATE conversation SET merged_into = $3 WHERE tenant_id = $1 AND id = $2",
                   {tenant, conversation_id, survivor});
  });
  EXPECT_EQ(send(), std::nullopt);
  ASSERT_EQ(signals.kept.size(), 1U);
  EXPECT_EQ(signals.kept[0].queue, QueueName::Sends);
  EXPECT_EQ(signals.kept[0].key.key, survivor);
  EXPECT_TRUE(graph.posts.empty());
}

TEST_F(SenderTest, AnUnknownConversationIsNoWork) {
  const ReadyKey nobody{.owner = tenant, .key = ConversationId::make(clock.now())};
  EXPECT_EQ(*loop.wait(sender->handle(nobody)), std::nullopt);
}

// Law 11: the key's owner decides, not the conversation's id.
TEST_F(SenderTest, AnotherWorkspacesKeyFindsNothing) {
  given_message("one");
  const ReadyKey foreign{.owner = TenantId::make(clock.now()), .key = conversation_id};
  EXPECT_EQ(*loop.wait(sender->handle(foreign)), std::nullopt);
  EXPECT_TRUE(graph.posts.empty());
}

}  // namespace
}  // namespace waypost::test
