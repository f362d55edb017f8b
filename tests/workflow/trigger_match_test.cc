#include "workflow/trigger_match.h"

#include <gtest/gtest.h>

namespace waypost::workflow {
namespace {

Json trigger(const char* type, const char* config = "{}") {
  return {{"id", "t"}, {"type", type}, {"config", Json::parse(config)}};
}

TEST(Starts, EveryMessageStartsAnInboundTrigger) {
  EXPECT_TRUE(starts(trigger("trigger.inbound_message"), {.type = "image"}));
  EXPECT_TRUE(starts(trigger("trigger.inbound_message", R"({"types":null})"), {.type = "text", .text = "x"}));
  EXPECT_TRUE(starts({{"type", "trigger.inbound_message"}, {"config", nullptr}}, {.type = "text"}));
}

TEST(Starts, OnlyTheTypesThatAreAskedFor) {
  const auto asked = trigger("trigger.inbound_message", R"({"types":["image","button"]})");
  EXPECT_TRUE(starts(asked, {.type = "image"}));
  EXPECT_TRUE(starts(asked, {.type = "button"}));
  EXPECT_TRUE(starts(asked, {.type = "interactive"}));
  EXPECT_FALSE(starts(asked, {.type = "text", .text = "image"}));
}

TEST(Starts, AKeywordInTheText) {
  const auto exact = trigger("trigger.keyword", R"({"keywords":["order","buy"]})");
  EXPECT_TRUE(starts(exact, {.type = "text", .text = " BUY"}));
  EXPECT_FALSE(starts(exact, {.type = "text", .text = "buy it"}));
  EXPECT_FALSE(starts(exact, {.type = "image"}));
  const auto within = trigger("trigger.keyword", R"({"keywords":["order","buy"],"match":"contains"})");
  EXPECT_TRUE(starts(within, {.type = "interactive", .text = "I'll buy it"}));
  EXPECT_FALSE(starts(within, {.type = "text", .text = "buyer"}));
  const auto beginning = trigger("trigger.keyword", R"({"keywords":["order"],"match":"starts_with"})");
  EXPECT_TRUE(starts(beginning, {.type = "text", .text = "Order 7"}));
}

TEST(Starts, ANewContact) {
  EXPECT_TRUE(starts(trigger("trigger.new_contact"), {.type = "text", .is_new_contact = true}));
  EXPECT_FALSE(starts(trigger("trigger.new_contact"), {.type = "text"}));
}

TEST(Starts, NoMessageStartsACallOrATest) {
  const TriggerFacts facts{.type = "text", .text = "x", .is_new_contact = true};
  for (const auto* type : {"trigger.api", "trigger.manual_test", "trigger.tomorrow", ""}) {
    EXPECT_FALSE(starts(trigger(type, R"({"keywords":["x"]})"), facts)) << type;
  }
  EXPECT_FALSE(starts(Json(), facts));
  EXPECT_FALSE(starts(trigger("trigger.keyword", R"({"keywords":"x"})"), facts));
}

TEST(Starts, OnlyOneTriggerAsksWhetherTheContactIsNew) {
  EXPECT_TRUE(asks_for_new_contact(trigger("trigger.new_contact")));
  EXPECT_FALSE(asks_for_new_contact(trigger("trigger.inbound_message")));
  EXPECT_FALSE(asks_for_new_contact(Json()));
}

}  // namespace
}  // namespace waypost::workflow
