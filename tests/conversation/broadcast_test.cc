#include "conversation/broadcast.h"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "conversation/failure_reason.h"

namespace waypost {
namespace {

using enum BroadcastStatus;
constexpr std::array kAll{Draft, Scheduled, Preparing, Sending, Paused, Completed, Cancelled};

enum class Retry { Yes, Never, WhenAsked };
using enum Retry;
const std::map<std::string_view, Retry> kRetries{
    {"outcome_unknown", WhenAsked},
    {"dropped", WhenAsked},
    {"opted_out", Never},
    {"marketing_stopped", Never},
    {"no_address", Never},
    {"no_contact", Never},
    {"thread_elsewhere", Never},
    {"dropped_after_restore", Never},
    {"not_needed", Never},
    {"broadcast_cancelled", Never},
    {"undeliverable", Never},
    {"contact_blocked", Never},
    {"experiment", Never},
    {"country_restricted", Never},
    {"to_self", Never},
    {"identity_changed", Never},
    {"group_refused", Never},
    {"marketing_embargo", Yes},
    {"not_test_recipient", Yes},
    {"needs_phone", Yes},
    {"window_closed", Yes},
    {"expired", Yes},
    {"part_failed", Yes},
    {"no_channel", Yes},
    {"invalid_request", Yes},
    {"unsupported_type", Yes},
    {"media_failed", Yes},
    {"upload_missing", Yes},
    {"template_missing", Yes},
    {"template_mismatch", Yes},
    {"template_too_long", Yes},
    {"template_policy", Yes},
    {"template_paused", Yes},
    {"template_disabled", Yes},
    {"flow_refused", Yes},
    {"wrong_endpoint", Yes},
    {"token_refused", Yes},
    {"account_blocked", Yes},
    {"payment_missing", Yes},
    {"number_unusable", Yes},
    {"number_restricted", Yes},
    {"templates_restricted", Yes},
    {"terms_missing", Yes},
    {"throttled", Yes},
    {"service_fault", Yes},
    {"rejected", Yes},
};

TEST(Broadcast, StatusesHaveNamesOfTheirOwn) {
  for (const auto status : kAll) EXPECT_EQ(broadcast_status(name_of(status)), status);
  EXPECT_FALSE(broadcast_status("sent"));
}

TEST(Broadcast, IsEditedAndBegunOnlyBeforeItRuns) {
  for (const auto status : kAll) {
    const bool before = status == Draft || status == Scheduled;
    for (const auto wish : {BroadcastWish::Edit, BroadcastWish::Schedule, BroadcastWish::Send})
      EXPECT_EQ(after(status, wish, false).has_value(), before) << name_of(status);
  }
  EXPECT_EQ(after(Draft, BroadcastWish::Send, false), Preparing);
  EXPECT_EQ(after(Scheduled, BroadcastWish::Schedule, false), Scheduled);
}

TEST(Broadcast, APausedOneGoesOnWhereItWas) {
  EXPECT_EQ(after(Preparing, BroadcastWish::Pause, false), Paused);
  EXPECT_EQ(after(Sending, BroadcastWish::Pause, true), Paused);
  EXPECT_EQ(after(Paused, BroadcastWish::Resume, false), Preparing);
  EXPECT_EQ(after(Paused, BroadcastWish::Resume, true), Sending);
  EXPECT_FALSE(after(Draft, BroadcastWish::Pause, false));
  EXPECT_FALSE(after(Sending, BroadcastWish::Resume, true));
}

TEST(Broadcast, WhatIsOverStaysSoButForARetry) {
  for (const auto wish : {BroadcastWish::Pause, BroadcastWish::Resume, BroadcastWish::Cancel, BroadcastWish::Send})
    for (const auto status : {Completed, Cancelled}) EXPECT_FALSE(after(status, wish, true));
  EXPECT_EQ(after(Completed, BroadcastWish::Retry, true), Sending);
  EXPECT_EQ(after(Paused, BroadcastWish::Retry, true), Paused);
  EXPECT_FALSE(after(Paused, BroadcastWish::Retry, false));
  EXPECT_FALSE(after(Cancelled, BroadcastWish::Retry, true));
}

TEST(Broadcast, ARunningOneIsNotDeleted) {
  for (const auto status : {Preparing, Sending, Paused}) EXPECT_FALSE(after(status, BroadcastWish::Delete, true));
  for (const auto status : {Draft, Scheduled, Completed, Cancelled})
    EXPECT_EQ(after(status, BroadcastWish::Delete, true), status);
}

BroadcastSurroundings good() { return {.template_status = "APPROVED", .channel_state = "active"}; }
std::string reason(const BroadcastSurroundings& surroundings) {
  return stop_of(surroundings).value_or(BroadcastStop{}).reason;
}

TEST(Broadcast, NothingStopsItWhereAllIsWell) { EXPECT_EQ(reason(good()), ""); }

TEST(Broadcast, TemplateAndChannelStopIt) {
  auto paused = good();
  paused.template_status = "PAUSED";
  EXPECT_EQ(reason(paused), "template_paused");
  paused.template_status.reset();
  EXPECT_EQ(reason(paused), "template_missing");
  auto tokenless = good();
  tokenless.channel_state = "needs_token";
  EXPECT_EQ(reason(tokenless), "channel_needs_token");
  tokenless.channel_state.reset();
  EXPECT_EQ(reason(tokenless), "no_channel");
}

Json said(const char* key, Json value) {
  return {{key, {{"at", "2026-11-23T00:00:00.000Z"}, {"value", std::move(value)}}}};
}

TEST(Broadcast, ABanAndARestrictionStopIt) {
  auto banned = good();
  banned.standing = said("ban", {{"ban_info", {{"waba_ban_state", "DISABLE"}}}});
  EXPECT_EQ(reason(banned), "account_banned");
  banned.standing = said("ban", {{"ban_info", {{"waba_ban_state", "REINSTATE"}}}});
  EXPECT_EQ(reason(banned), "");
  auto restricted = good();
  restricted.now = from_millis(1'000'000'000'000);
  const auto list = [](std::int64_t expiration) {
    return said(
        "restriction",
        {{"restriction_info",
          Json::array({{{"restriction_type", "RESTRICTED_BIZ_INITIATED_MESSAGING"}, {"expiration", expiration}}})}});
  };
  restricted.standing = list(1'000'000'001);
  EXPECT_EQ(reason(restricted), "account_restricted");
  restricted.standing = list(1'000'000'000);
  EXPECT_EQ(reason(restricted), "");
  restricted.standing =
      said("restriction",
           {{"restriction_info", Json::array({{{"restriction_type", "RESTRICTED_ADD_PHONE_NUMBER_ACTION"}}})}});
  EXPECT_EQ(reason(restricted), "");
}

TEST(Broadcast, LowQualityStopsItWhereTheWorkspaceWantsIt) {
  auto flagged = good();
  flagged.standing = said("quality", {{"event", "FLAGGED"}});
  EXPECT_EQ(reason(flagged), "low_quality");
  flagged.stops_at_low_quality = false;
  EXPECT_EQ(reason(flagged), "");
  EXPECT_TRUE(stops_at_low_quality(Json::object()));
  EXPECT_FALSE(stops_at_low_quality({{"broadcasts", {{"stopsAtLowQuality", false}}}}));
}

// Every reason has its place here: a new one is decided on, not overlooked.
TEST(Broadcast, ARetryLeavesWhoCannotOrWillNotBeReached) {
  for (const auto& reason : failure_reasons()) {
    const auto verdict = kRetries.find(reason.word);
    ASSERT_NE(verdict, kRetries.end()) << reason.word;
    EXPECT_EQ(may_retry(reason.word, UnknownOutcomes::Left), verdict->second == Yes) << reason.word;
    EXPECT_EQ(may_retry(reason.word, UnknownOutcomes::Retried), verdict->second != Never) << reason.word;
  }
  EXPECT_EQ(kRetries.size(), failure_reasons().size());
}

TEST(Broadcast, ItsEndIsRoundedUp) {
  EXPECT_EQ(seconds_for(1, {.per_hour = 3'600}), 1);
  EXPECT_EQ(seconds_for(10, {.per_hour = 60 * 3'600}), 1);
  EXPECT_EQ(seconds_for(1'000'000, {.per_hour = 60 * 3'600}), 16'667);
  EXPECT_EQ(seconds_for(5, {}), 0);
}

}  // namespace
}  // namespace waypost
