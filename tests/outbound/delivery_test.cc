#include "outbound/delivery.h"

#include <gtest/gtest.h>

#include <vector>

namespace waypost {
namespace {

using std::chrono::milliseconds;

Refused refused(GraphAction action, std::optional<std::int64_t> code) {
  return {.why = Error(ErrorKind::Unavailable, "words"), .action = action, .code = code};
}
DeliveryStep after(SendAnswer answer, std::int64_t failures = 0, double jitter = 0.0) {
  return next_step(std::move(answer), {.failures = failures}, RetryPolicy{}, jitter);
}
TryAgain again(Refused answer, std::int64_t failures) {
  return std::get<TryAgain>(after(std::move(answer), failures, 0.999999));
}

TEST(Delivery, AnAcceptedMessageKeepsMetasId) {
  const auto step = after(Accepted{.wamid = "wamid.A", .wa_id = "1"});
  ASSERT_TRUE(std::holds_alternative<MarkAccepted>(step));
  EXPECT_EQ(std::get<MarkAccepted>(step).wamid, "wamid.A");
  EXPECT_EQ(std::get<MarkAccepted>(step).wa_id, "1");
}

TEST(Delivery, ARefusalForGoodIsNeverTriedAgain) {
  const auto step = after(refused(GraphAction::Fail, 131026));
  ASSERT_TRUE(std::holds_alternative<GiveUp>(step));
  EXPECT_EQ(std::get<GiveUp>(step).code, 131026);
  EXPECT_FALSE(std::get<GiveUp>(step).needs_operator);
  EXPECT_TRUE(std::get<GiveUp>(after(refused(GraphAction::Config, 130497))).needs_operator);
}

// Its error is retryable by kind, yet the customer may have the message: law 8.
TEST(Delivery, AnUnclearOutcomeIsNotTriedAgain) {
  EXPECT_TRUE(std::holds_alternative<AwaitStatus>(after(Unclear{.why = Error(ErrorKind::Unavailable, "reset")})));
}

TEST(Delivery, ATokenAndAWindowHaveStepsOfTheirOwn) {
  EXPECT_TRUE(std::holds_alternative<AwaitToken>(after(refused(GraphAction::HoldForToken, 190))));
  EXPECT_TRUE(std::holds_alternative<LeaveWindow>(after(refused(GraphAction::UseTemplate, 131047))));
}

TEST(Delivery, ARefusalThatMayPassIsTriedEightTimes) {
  std::vector<milliseconds> pauses;
  for (int failures = 0; failures < 7; ++failures) {
    pauses.push_back(std::get<TryAgain>(after(refused(GraphAction::Retry, 134101), failures)).pause);
  }
  EXPECT_EQ(pauses, (std::vector{milliseconds(500), milliseconds(1'000), milliseconds(2'000), milliseconds(4'000),
                                 milliseconds(8'000), milliseconds(16'000), milliseconds(32'000)}));
  EXPECT_TRUE(std::holds_alternative<GiveUp>(after(refused(GraphAction::Retry, 134101), 7)));
}

// An outage of an hour fails no message; its validity ends it.
TEST(Delivery, WhatNeverReachedMetaIsTriedUntilItsValidityEnds) {
  const auto step = again(refused(GraphAction::Retry, std::nullopt), 1'000);
  EXPECT_GT(step.pause, milliseconds(59'000));
  EXPECT_LE(step.pause, milliseconds(60'000));
}

TEST(Delivery, ThrottlesPauseWhatTheySay) {
  EXPECT_EQ(again(refused(GraphAction::PauseNumber, 130429), 0).scope, PauseScope::Number);
  EXPECT_EQ(again(refused(GraphAction::PauseAccount, 80007), 0).scope, PauseScope::Account);
  EXPECT_EQ(again(refused(GraphAction::PauseApp, 4), 0).scope, PauseScope::App);
  EXPECT_EQ(again(refused(GraphAction::PausePair, 131056), 0).scope, PauseScope::Pair);
  EXPECT_GE(again(refused(GraphAction::PauseAccount, 80007), 0).pause, milliseconds(30'000));
}

// Meta: wait 4^X seconds, X beginning at 0.
TEST(Delivery, APairWaitsFourToThePowerOfItsFailures) {
  EXPECT_EQ(again(refused(GraphAction::PausePair, 131056), 0).pause, milliseconds(1'000));
  EXPECT_EQ(again(refused(GraphAction::PausePair, 131056), 1).pause, milliseconds(4'000));
  EXPECT_EQ(again(refused(GraphAction::PausePair, 131056), 3).pause, milliseconds(64'000));
  EXPECT_EQ(again(refused(GraphAction::PausePair, 131056), 60).pause, milliseconds(3'600'000));
}

TEST(Delivery, AFileByLinkIsTriedTwiceMoreAndAnyOtherNot) {
  const auto of_link = [](std::int64_t failures) {
    return next_step(refused(GraphAction::RetryLink, 131053), {.failures = failures, .by_link = true}, {}, 0.0);
  };
  EXPECT_TRUE(std::holds_alternative<TryAgain>(of_link(0)));
  EXPECT_TRUE(std::holds_alternative<TryAgain>(of_link(1)));
  EXPECT_EQ(std::get<GiveUp>(of_link(2)).code, 131053);
  EXPECT_EQ(std::get<GiveUp>(after(refused(GraphAction::RetryLink, 131053))).code, 131053);
}

TEST(Delivery, ALinkIsSeenWhereverItStands) {
  EXPECT_TRUE(brings_link({{"link", "https://a"}}));
  const Json header{{"type", "image"}, {"image", {{"link", "https://a"}}}};
  EXPECT_TRUE(brings_link({{"components", Json::array({{{"parameters", Json::array({header})}}})}}));
  EXPECT_FALSE(brings_link({{"id", "1"}, {"caption", "link"}}));
}

TEST(Delivery, ABlockedChannelAndAUserIdHaveStepsOfTheirOwn) {
  EXPECT_EQ(std::get<AwaitChannel>(after(refused(GraphAction::BlockAccount, 368))).code, 368);
  EXPECT_EQ(std::get<AwaitChannel>(after(refused(GraphAction::BlockInitiated, 131048))).code, 131048);
  EXPECT_EQ(std::get<TryByPhone>(after(refused(GraphAction::RetryByPhone, 131062))).code, 131062);
}

TEST(Delivery, RetryAfterIsTheLeastPause) {
  auto answer = refused(GraphAction::PauseNumber, 130429);
  answer.retry_after = milliseconds(77'000);
  EXPECT_EQ(again(answer, 0).pause, milliseconds(77'000));
}

}  // namespace
}  // namespace waypost
