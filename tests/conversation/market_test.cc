#include "conversation/market.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

TEST(Market, IsTheCallingCodeOfThePhone) {
  struct Case {
    const char* phone;
    const char* market;
  };
  for (const auto& [phone, market] :
       {Case{"4915112345678", "49"}, Case{"351912345678", "351"}, Case{"393331234567", "39"},
        Case{"5511987654321", "55"}, Case{"919876543210", "91"}, Case{"971501234567", "971"},
        Case{"2348012345678", "234"}, Case{"16505551234", "1650"}, Case{"18765551234", "1876"},
        Case{"79161234567", "79"}, Case{"77011234567", "77"}, Case{"", ""}, Case{"1", ""}, Case{"49", "49"},
        Case{"35", ""}, Case{"0491511234", ""}, Case{"US.1349", ""}})
    EXPECT_EQ(market_of(phone), market) << phone;
}

TEST(Market, APriceIsSetForWhatCanBeToldApart) {
  for (const char* text : {"*", "1", "7", "49", "351", "1876", "77", "91"}) EXPECT_TRUE(is_market(text)) << text;
  for (const char* text : {"", "+49", "4", "491", "35", "18", "18765", "771", "DE", "**", "0"})
    EXPECT_FALSE(is_market(text)) << text;
}

TEST(Market, EachIsInALargerOne) {
  EXPECT_EQ(wider_market("1876"), "1");
  EXPECT_EQ(wider_market("1"), "*");
  EXPECT_EQ(wider_market("77"), "7");
  EXPECT_EQ(wider_market("49"), "*");
  EXPECT_EQ(wider_market("*"), "");
}

TEST(Market, OfAStatusIsTheRecipients) {
  EXPECT_EQ(market_of_status({{"recipient_id", "4915112345678"}}), "49");
  EXPECT_EQ(market_of_status({{"recipient_user_id", "US.13491208655302741918"}}), "");
  // A group's id may look like a phone number; the participant's counts.
  EXPECT_EQ(market_of_status({{"recipient_type", "group"}, {"recipient_id", "120363401234567890"}}), "");
  EXPECT_EQ(market_of_status({{"recipient_type", "group"},
                              {"recipient_id", "120363401234567890"},
                              {"recipient_participant_id", "5511987654321"}}),
            "55");
  EXPECT_EQ(market_of_status({{"recipient_id", "120363401234567890"}, {"participant_recipient_id", "351912345678"}}),
            "351");
}

}  // namespace
}  // namespace waypost
