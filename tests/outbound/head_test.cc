#include "outbound/head.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

struct HeadTest : testing::Test {
  HeadTest() {
    view.conversation.window_expires_at = now + hours(5);
    view.channel.emplace();
    view.contact.emplace();
    view.contact->phone = "491701234567";
    view.head.emplace();
    view.head->outbound = true;
    view.head->state = MessageState::Queued;
    view.head->due_at = now;
    view.head->expires_at = now + hours(24);
  }

  HeadMove judged() const { return judge_head(view, context); }
  template <class T>
  bool is() const {
    return std::holds_alternative<T>(judged());
  }
  std::optional<Time> rests_until() const {
    const auto move = judged();
    return std::holds_alternative<Rest>(move) ? std::get<Rest>(move).until : Time{};
  }
  std::string fails_with() const {
    const auto move = judged();
    if (const auto* failure = std::get_if<Fail>(&move)) return failure->why.reason;
    if (const auto* expire = std::get_if<Expire>(&move)) return expire->why.reason;
    return "";
  }

  const Time now = from_millis(1'760'000'000'000);
  store::SendView view{};
  HeadContext context{.now = now, .started_at = now - hours(1), .webhooks_applied = now};
};

TEST_F(HeadTest, WhatIsDueGoes) { EXPECT_TRUE(is<Post>()); }

TEST_F(HeadTest, NothingPendingMeansNoTimeToComeBack) {
  view.head.reset();
  EXPECT_EQ(rests_until(), std::nullopt);
  view.held_until = now + hours(2);
  EXPECT_EQ(rests_until(), now + hours(2));
}

TEST_F(HeadTest, APartBehindAFailedOneIsNotSent) {
  view.is_behind_failed_part = true;
  EXPECT_EQ(fails_with(), "part_failed");
  view.head->due_at = now + minutes(1);
  EXPECT_EQ(fails_with(), "part_failed");
}

TEST_F(HeadTest, WhatIsNotDueWaitsAtMostUntilItExpires) {
  view.head->due_at = now + minutes(1);
  EXPECT_EQ(rests_until(), now + minutes(1));
  view.head->expires_at = now + seconds(30);
  EXPECT_EQ(rests_until(), now + seconds(30));
  view.held_until = now + seconds(10);
  EXPECT_EQ(rests_until(), now + seconds(10));
}

TEST_F(HeadTest, ValidityEndsAtItsMoment) {
  view.head->expires_at = now + milliseconds(1);
  EXPECT_TRUE(is<Post>());
  view.head->expires_at = now;
  EXPECT_EQ(fails_with(), "expired");
}

TEST_F(HeadTest, AStoppedChannelHoldsItsSendsInPlace) {
  for (const char* state : {"needs_token", "paused"}) {
    view.channel->state = state;
    EXPECT_EQ(rests_until(), now + kChannelPoll) << state;
  }
  view.head->expires_at = now;
  EXPECT_EQ(fails_with(), "expired");
}

TEST_F(HeadTest, WhomNobodyMayWriteToIsToldSo) {
  view.contact->opted_out = true;
  EXPECT_EQ(fails_with(), "opted_out");
  view.contact->opted_out = false;
  view.bar = store::MarketingBar::Stopped;
  EXPECT_EQ(fails_with(), "marketing_stopped");
  view.bar.reset();
  view.contact->phone.reset();
  EXPECT_EQ(fails_with(), "no_address");
  view.contact->user_id = "DE.1";
  EXPECT_TRUE(is<Post>());
  view.channel.reset();
  EXPECT_EQ(fails_with(), "no_channel");
}

TEST_F(HeadTest, TheWindowIsJudgedNowLessItsMargin) {
  view.conversation.window_expires_at = now + context.window_margin + milliseconds(1);
  EXPECT_TRUE(is<Post>());
  view.conversation.window_expires_at = now + context.window_margin;
  EXPECT_TRUE(is<AskWindow>());
  view.conversation.window_expires_at.reset();
  EXPECT_TRUE(is<AskWindow>());
  view.head->type = "template";
  EXPECT_TRUE(is<Post>());
}

TEST_F(HeadTest, ASendInProgressIsLeftToItsCommitter) {
  view.head->state = MessageState::Sending;
  view.head->attempt_at = now - seconds(3);
  view.head->due_at = now + seconds(27);
  EXPECT_EQ(rests_until(), now + seconds(27));
  view.head->due_at = now;
  EXPECT_TRUE(is<GiveUpWaiting>());
}

TEST_F(HeadTest, ASendOfAnEarlierProcessIsNobodysAtOnceOnASingleNode) {
  view.head->state = MessageState::Sending;
  view.head->attempt_at = context.started_at - milliseconds(1);
  view.head->due_at = now + seconds(27);
  EXPECT_TRUE(is<GiveUpWaiting>());
  context.is_only_node = false;
  EXPECT_EQ(rests_until(), now + seconds(27));
}

TEST_F(HeadTest, AnUnknownOutcomeKeepsItsPlaceForTheGrace) {
  view.head->state = MessageState::Unknown;
  view.head->due_at = now + seconds(50);
  EXPECT_EQ(rests_until(), now + seconds(50));
  view.head->due_at = now;
  EXPECT_EQ(fails_with(), "outcome_unknown");
}

TEST_F(HeadTest, TheGraceIsLongerWhileWebhooksLag) {
  view.head->state = MessageState::Unknown;
  view.head->due_at = now - minutes(5);
  context.webhooks_applied = now - minutes(5) - milliseconds(1);
  EXPECT_EQ(rests_until(), now + seconds(1));
  context.webhooks_applied = now - minutes(60);
  EXPECT_EQ(rests_until(), now + seconds(10));
  context.webhooks_applied = now - minutes(5);
  EXPECT_EQ(fails_with(), "outcome_unknown");
}

// Nobody listened before: the status may be among what Meta sends again.
TEST_F(HeadTest, TheGraceBeginsAnewWithTheProcess) {
  view.head->state = MessageState::Unknown;
  view.head->due_at = now - hours(3);
  context.started_at = now - seconds(20);
  EXPECT_EQ(rests_until(), now + seconds(100));
}

TEST_F(HeadTest, AnExpiredHeldMessageComesFirst) {
  view.lapsed = *view.head;
  view.lapsed->state = MessageState::Held;
  EXPECT_EQ(fails_with(), "expired");
}

TEST_F(HeadTest, AFallbackNobodyNeedsAnyMoreIsNotSent) {
  view.is_head_needless = true;
  EXPECT_EQ(fails_with(), "not_needed");
}

TEST_F(HeadTest, AMergedConversationIsLeftToItsSurvivor) {
  const auto survivor = ConversationId::make(now);
  view.conversation.merged_into = survivor;
  const auto move = judged();
  ASSERT_TRUE(std::holds_alternative<Follow>(move));
  EXPECT_EQ(std::get<Follow>(move).survivor, survivor);
}

}  // namespace
}  // namespace waypost
