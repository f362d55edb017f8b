#include "conversation/throughput.h"

#include <gtest/gtest.h>

#include "conversation/messaging_limit.h"

namespace waypost {
namespace {

using std::chrono::hours;

const Time kNow = from_millis(1'790'000'000'000);

Json of_level(const char* level) { return {{"throughput", {{"level", level}}}}; }
Json looked(const Json& fields, Time at = kNow) {
  return with_number_fields(Json::object(), fields, at).value_or(Json());
}
Json with_upgrade(Json standing, Time at) {
  standing["quality"] = {{"at", iso8601(at)}, {"value", {{"event", "THROUGHPUT_UPGRADE"}}}};
  return standing;
}

TEST(Throughput, IsWhatMetaSaysOfTheNumber) {
  EXPECT_EQ(throughput(Json::object()), 80);
  EXPECT_EQ(throughput(Json()), 80);
  EXPECT_EQ(throughput(looked(of_level("STANDARD"))), 80);
  EXPECT_EQ(throughput(looked(of_level("HIGH"))), 1'000);
  for (const auto* word : {"NOT_APPLICABLE", "A_NEW_WORD"}) EXPECT_EQ(throughput(looked(of_level(word))), 80) << word;
  EXPECT_EQ(throughput({{"number", "odd"}, {"app", 3}, {"quality", Json::array()}}), 80);
}

TEST(Throughput, ANumberBesideTheAppHasTwenty) {
  EXPECT_EQ(throughput(looked({{"is_on_biz_app", true}, {"throughput", {{"level", "HIGH"}}}})), 20);
  EXPECT_EQ(throughput(looked({{"is_on_biz_app", false}})), 80);
}

TEST(Throughput, AnUpgradeCountsFromItsNewsUntilALookSaysOtherwise) {
  const auto upgraded = with_upgrade(looked(of_level("STANDARD")), kNow + hours(1));
  EXPECT_EQ(throughput(upgraded), 1'000);
  EXPECT_EQ(throughput(with_upgrade(Json::object(), kNow)), 1'000);
  const auto again = with_number_fields(upgraded, of_level("STANDARD"), kNow + hours(2));
  ASSERT_TRUE(again);
  EXPECT_EQ(throughput(*again), 80);
}

TEST(Throughput, TheLaterOfEchoAndLookSaysWhetherTheAppIsInUse) {
  const auto used = with_app_in_use(looked({{"is_on_biz_app", false}}), kNow + hours(1));
  ASSERT_TRUE(used);
  EXPECT_EQ(throughput(*used), 20);
  EXPECT_EQ(with_app_in_use(*used, kNow + hours(2)), std::nullopt);
  EXPECT_EQ(with_app_in_use(looked({{"is_on_biz_app", false}}), kNow - hours(1)), std::nullopt);
  const auto left = with_number_fields(*used, {{"is_on_biz_app", false}}, kNow + hours(3));
  ASSERT_TRUE(left);
  EXPECT_EQ(throughput(*left), 80);
  EXPECT_EQ(throughput(*with_app_in_use(Json::object(), kNow)), 20);
}

TEST(Throughput, ALookThatSaysNothingNewChangesNothing) {
  const Json fields{{"throughput", {{"level", "STANDARD"}}}, {"is_on_biz_app", false}};
  const auto standing = looked(fields);
  EXPECT_EQ(with_number_fields(standing, fields, kNow + hours(1)), std::nullopt);
  EXPECT_EQ(with_number_fields(standing, {{"quality_rating", "RED"}}, kNow + hours(1)), std::nullopt);
  EXPECT_EQ(with_number_fields(standing, Json("odd"), kNow + hours(1)), std::nullopt);
  EXPECT_TRUE(with_number_fields(standing, of_level("HIGH"), kNow + hours(1)));
}

TEST(Throughput, OfTheLimitTheLaterWordStandsToo) {
  const Json fields{{"whatsapp_business_manager_messaging_limit", "TIER_2K"}};
  auto standing = looked(fields);
  EXPECT_EQ(messaging_limit(standing), 2'000);
  standing["capability"] = {{"at", iso8601(kNow + hours(1))},
                            {"value", {{"max_daily_conversations_per_business", 250}}}};
  EXPECT_EQ(messaging_limit(standing), 250);
  const auto again = with_number_fields(standing, fields, kNow + hours(2));
  ASSERT_TRUE(again);
  EXPECT_EQ(messaging_limit(*again), 2'000);
}

}  // namespace
}  // namespace waypost
