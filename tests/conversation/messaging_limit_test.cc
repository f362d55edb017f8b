#include "conversation/messaging_limit.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

Json said(const char* part, const Json& limit, const char* at = "2026-01-01T00:00:00.000Z") {
  return {{part, {{"at", at}, {"value", {{"max_daily_conversations_per_business", limit}}}}}};
}

TEST(MessagingLimit, IsATierOrANumber) {
  EXPECT_EQ(messaging_limit(said("capability", "TIER_2K")), 2'000);
  EXPECT_EQ(messaging_limit(said("quality", 2'000)), 2'000);
  EXPECT_EQ(messaging_limit(said("quality", "250")), 250);
  const Json old{{"capability", {{"at", "x"}, {"value", {{"max_daily_conversation_per_phone", 1'000}}}}}};
  EXPECT_EQ(messaging_limit(old), 1'000);
}

TEST(MessagingLimit, IsNoneWhereThereIsNoneOrNobodyKnows) {
  for (const Json& limit : {Json("TIER_UNLIMITED"), Json(-1), Json("TIER_OF_TOMORROW"), Json(nullptr), Json::array()})
    EXPECT_EQ(messaging_limit(said("capability", limit)), std::nullopt) << limit.dump();
  EXPECT_EQ(messaging_limit(Json::object()), std::nullopt);
  EXPECT_EQ(messaging_limit(Json()), std::nullopt);
}

TEST(MessagingLimit, IsWhatWasSaidLast) {
  Json standing = said("capability", "TIER_250", "2026-01-01T00:00:00.000Z");
  standing.update(said("quality", "TIER_10K", "2026-02-01T00:00:00.000Z"));
  EXPECT_EQ(messaging_limit(standing), 10'000);
  standing.update(said("capability", "TIER_UNLIMITED", "2026-03-01T00:00:00.000Z"));
  EXPECT_EQ(messaging_limit(standing), std::nullopt);
}

TEST(MessagingLimit, WhoFitsGoesNowAndTheOthersInTurns) {
  const auto all_fit = *plan_room({.people = 250, .limit = 250, .room = 250});
  EXPECT_EQ(all_fit.at_once, 250);
  EXPECT_EQ(all_fit.last_wait, std::chrono::hours(0));
  const auto two_turns = *plan_room({.people = 600, .limit = 250, .room = 100});
  EXPECT_EQ(two_turns.at_once, 100);
  EXPECT_EQ(two_turns.last_wait, 2 * kCountsFor);
  EXPECT_EQ(two_turns.last, 250);
  const auto one_more = *plan_room({.people = 251, .limit = 250, .room = 250});
  EXPECT_EQ(one_more.last_wait, kCountsFor);
  EXPECT_EQ(one_more.last, 1);
}

TEST(MessagingLimit, ALimitOfNobodyEndsNever) {
  EXPECT_EQ(plan_room({.people = 1, .limit = 0, .room = 0}), std::nullopt);
  EXPECT_TRUE(plan_room({.people = 0, .limit = 0, .room = 0}));
  EXPECT_EQ(plan_room({.people = 5, .limit = 250, .room = -3})->at_once, 0);
}

}  // namespace
}  // namespace waypost
