#include "conversation/contact_book.h"

#include <gtest/gtest.h>

#include <random>

namespace waypost {
namespace {

Sighting shown(const char* message) { return customer_of(Json::parse(message), nullptr, Side::From); }

TEST(ContactBook, OfTwoEntriesOfOnePersonTheFirstCounts) {
  const auto contacts = Json::parse(R"([{"wa_id":"1"},{"wa_id":"+1","user_id":"US.1"},{"user_id":"US.1"}])");
  const ContactBook book(&contacts);
  EXPECT_EQ(book.entry_of(shown(R"({"from":"1"})")), &contacts[0]);
  EXPECT_EQ(book.entry_of(shown(R"({"from_user_id":"US.1"})")), &contacts[1]);
}

TEST(ContactBook, NobodyIsFoundWithoutAnId) {
  const auto contacts = Json::parse(R"([7, null, {}, {"user_id":"","wa_id":"none"}, {"user_id":{},"wa_id":[]}])");
  const ContactBook book(&contacts);
  for (const char* message : {R"({})", R"({"from":"","from_user_id":""})", R"({"from":"anonymous"})", "[]", "7"}) {
    EXPECT_EQ(book.entry_of(shown(message)), nullptr) << message;
  }
}

TEST(ContactBook, WhatIsNoListHasNobody) {
  const Json contacts{{"user_id", "US.1"}};
  EXPECT_EQ(ContactBook(&contacts).entry_of(shown(R"({"from_user_id":"US.1"})")), nullptr);
  EXPECT_EQ(ContactBook(nullptr).entry_of(shown(R"({"from_user_id":"US.1"})")), nullptr);
}

// Few ids, so that they meet in every way.
TEST(ContactBook, FindsWhatLookingThroughTheListFinds) {
  std::mt19937 chance(1);
  const auto id = [&chance](const char* prefix) {
    const auto number = chance() % 5;
    return number == 0 ? std::string() : prefix + std::to_string(number);
  };
  for (int round = 0; round < 500; ++round) {
    Json contacts = Json::array();
    for (auto count = chance() % 6; count > 0; --count)
      contacts.push_back({{"user_id", id("US.")}, {"wa_id", id("+")}});
    const Json message{{"from", id("")}, {"from_user_id", id("US.")}};
    const auto person = customer_of(message, nullptr, Side::From);
    EXPECT_EQ(ContactBook(&contacts).entry_of(person), contact_entry_of(&contacts, message, Side::From));
  }
}

}  // namespace
}  // namespace waypost
