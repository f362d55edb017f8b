// Readers of what Meta tells of calls, groups, handovers, the address book and prices: what they read, and that odd
// shapes say nothing.

#include <gtest/gtest.h>

#include "conversation/address_book.h"
#include "conversation/call_news.h"
#include "conversation/group_news.h"
#include "conversation/handover.h"
#include "conversation/message_kind.h"
#include "conversation/message_via.h"
#include "conversation/pricing.h"

namespace waypost {
namespace {

TEST(PricingOfAStatus, StandsBesideItsWordOrWithinTheConversation) {
  const Json pricing{{"pricing_model", "PMP"}, {"type", "regular"}, {"category", "utility"}};
  const Pricing expected{.category = "utility", .type = "regular", .model = "PMP"};
  EXPECT_EQ(pricing_of({{"pricing", pricing}}), expected);
  EXPECT_EQ(pricing_of({{"conversation", {{"id", "c"}, {"pricing", pricing}}}}), expected);
}

TEST(PricingOfAStatus, OneCategoryIsSpeltInTwoWays) {
  const auto read = pricing_of({{"pricing", {{"category", "authentication_international"}}}});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->category, "authentication-international");
}

TEST(PricingOfAStatus, OddShapesSayNothing) {
  for (const Json& status : {Json(), Json{{"pricing", 7}}, Json{{"pricing", Json::object()}},
                             Json{{"conversation", {{"pricing", "x"}}}}, Json::array()}) {
    EXPECT_FALSE(pricing_of(status)) << status;
  }
}

TEST(HandoverNews, TakenIsAnothersAndPassedIsOurs) {
  const Json sender{{"phone_number", "+1 650 555-1234"}};
  const auto taken = handover_of({{"sender", sender}, {"timestamp", "10"}, {"control_taken", Json::object()}});
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->owner, "other");
  EXPECT_EQ(taken->person.phone, "16505551234");
  const auto passed = handover_of({{"control_passed", {{"sender", sender}, {"timestamp", 11}}}});
  ASSERT_TRUE(passed);
  EXPECT_EQ(passed->owner, std::nullopt);
  EXPECT_EQ(passed->at, from_millis(11'000));
}

TEST(HandoverNews, WithoutAPersonOrATimeItSaysNothing) {
  EXPECT_FALSE(handover_of({{"timestamp", "10"}, {"control_taken", Json::object()}}));
  EXPECT_FALSE(handover_of({{"sender", {{"phone_number", "1"}}}, {"control_taken", Json::object()}}));
  EXPECT_FALSE(handover_of(Json::array()));
}

TEST(AddressBook, NamesComeAndGo) {
  const Json metadata{{"timestamp", "10"}};
  const Json add{{"action", "add"}, {"metadata", metadata}, {"contact", {{"phone_number", "1"}, {"full_name", "A"}}}};
  const Json remove{{"action", "remove"}, {"metadata", metadata}, {"contact", {{"user_id", "US.1"}}}};
  const Json odd{{"action", "add"}, {"contact", {{"phone_number", "1"}, {"full_name", "A"}}}};
  const auto entries = book_entries_of({{"state_sync", Json::array({add, remove, odd, 7})}});
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].name, "A");
  EXPECT_EQ(entries[1].name, std::nullopt);
  EXPECT_EQ(entries[1].person.user_id, "US.1");
}

TEST(GroupNewsOf, AttemptsThatFailedSayNothing) {
  const Json failed{{"group_id", "g"}, {"timestamp", 1}, {"type", "group_create"}, {"errors", Json::array({1})}};
  const Json refused{{"group_id", "g"},
                     {"timestamp", 1},
                     {"type", "group_settings_update"},
                     {"group_subject", {{"text", "x"}, {"update_successful", false}}}};
  const auto news = group_news_of({{"groups", Json::array({failed, refused, Json(), {{"group_id", "g"}}})}});
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0].subject, std::nullopt);
  EXPECT_EQ(news[0].state, std::nullopt);
}

TEST(CallNewsOf, BothSpellingsOfAnOutcomeAreOne) {
  const auto ended = [](const std::string& status) {
    const Json call{{"id", "w"}, {"event", "terminate"}, {"timestamp", "5"}, {"status", status}};
    return call_news_of({{"calls", Json::array({call})}}).at(0).outcome;
  };
  EXPECT_EQ(ended("COMPLETED"), "completed");
  EXPECT_EQ(ended("Completed"), "completed");
}

TEST(CallNewsOf, TheFurthestWordSaysTheState) {
  EXPECT_TRUE(outranks("connecting", ""));
  EXPECT_TRUE(outranks("ended", "accepted"));
  EXPECT_FALSE(outranks("ringing", "ended"));
  EXPECT_FALSE(outranks(call_state("call_recording_available"), ""));
}

TEST(CallNewsOf, OddShapesSayNothing) {
  EXPECT_TRUE(call_news_of({{"calls", Json::array({7, Json::object()})}, {"statuses", "x"}}).empty());
}

TEST(FlowAnswers, StandParsedBesideTheirTextAndCanBeTakenAwayAgain) {
  const Json sent{{"type", "interactive"},
                  {"interactive", {{"type", "nfm_reply"}, {"nfm_reply", {{"response_json", R"({"a":1})"}}}}}};
  Json message = sent;
  parse_answers(message);
  EXPECT_EQ(message["interactive"]["nfm_reply"]["answers"]["a"], 1);
  drop_answers(message);
  EXPECT_EQ(message, sent);
}

TEST(FlowAnswers, WhatIsNoObjectIsLeftAsItIs) {
  for (const std::string text : {"[1]", "nonsense", "", "7"}) {
    Json message{{"interactive", {{"nfm_reply", {{"response_json", text}}}}}};
    const Json before = message;
    parse_answers(message);
    EXPECT_EQ(message, before);
  }
  for (Json odd : {Json(), Json(7), Json{{"interactive", 7}}, Json{{"interactive", {{"nfm_reply", "x"}}}}}) {
    const Json before = odd;
    parse_answers(odd);
    EXPECT_EQ(odd, before);
  }
}

TEST(MessageVias, AreNamedBothWays) {
  for (const auto via : {MessageVia::Own, MessageVia::Echo, MessageVia::History, MessageVia::Standby})
    EXPECT_EQ(message_via(name_of(via)), via);
  EXPECT_FALSE(message_via("later"));
}

}  // namespace
}  // namespace waypost
