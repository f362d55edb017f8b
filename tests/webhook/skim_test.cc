#include "webhook/skim.h"

#include <gtest/gtest.h>

#include "tests/webhook/gateway.h"

namespace waypost {
namespace {

TEST(Skim, SeesTheOnlyNumber) {
  EXPECT_EQ(skim(test::body_of(test::Text{.number = "123"})), "123");
  EXPECT_EQ(skim(R"({"a":{"phone_number_id":"7"},"b":{"phone_number_id":"7"}})"), "7");
}

TEST(Skim, LeavesTheRestToWhoReads) {
  for (const char* body : {
           R"({})",
           R"({"a":{"phone_number_id":"7"},"b":{"phone_number_id":"8"}})",
           R"({"a":{"phone_number_id":"7"},"b":{"phone_number_id": "7"}})",
           R"({"a":{"phone_number_id":"7"},"b":{"phone_number_id":null}})",
           R"({"a":{"phone_number_id":""}})",
           R"({"a":{"phone_number_id":"7)",
           R"(phone_number_id)",
           R"({"a":{"phone_number_id":"7"},"text":"say \"phone_number_id\":\"8\" to them"})",
           R"({"a":{"phone_number_id":"7"},"\u0070hone_number_id":"8"})",
           R"({"a":{"phone_number_id":"7"},"statuses":[]})",
       }) {
    EXPECT_FALSE(skim(body)) << body;
  }
}

TEST(Skim, StatusesAreNeverSkimmedOver) { EXPECT_FALSE(skim(test::body_of(test::Word{}))); }

}  // namespace
}  // namespace waypost
