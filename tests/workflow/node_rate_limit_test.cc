#include <gtest/gtest.h>

#include "tests/workflow/visiting.h"
#include "workflow/rate_limit.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

Plan passed(const Json& config, std::int64_t counted) {
  return rate_limit_node().plan(
      {.config = config, .scope = scope(), .now = kVisited, .node = "limit", .counted = counted});
}

TEST(RateLimit, LetsThroughAndCounts) {
  const auto plan = passed(parsed(R"({"maxCount":3,"window":{"value":10,"unit":"minutes"}})"), 2);
  EXPECT_EQ(plan.handle, "allowed");
  ASSERT_EQ(plan.effects.size(), 1U);
  const auto& count = effect<CountEffect>(plan);
  EXPECT_EQ(count.node, "limit");
  EXPECT_TRUE(count.per_contact);
  EXPECT_EQ(count.window, std::chrono::minutes(10));
  EXPECT_EQ(plan.output.at("count"), 3);
}

TEST(RateLimit, IsLimitedWithoutCounting) {
  const auto plan = passed({{"maxCount", 3}}, 3);
  EXPECT_EQ(plan.handle, "limited");
  EXPECT_TRUE(plan.effects.empty());
}

TEST(RateLimit, CountsForTheWorkspace) {
  const auto plan = passed(parsed(R"({"maxCount":1,"per":"workspace","windowSeconds":60})"), 0);
  EXPECT_FALSE(effect<CountEffect>(plan).per_contact);
  EXPECT_EQ(effect<CountEffect>(plan).window, seconds(60));
}

TEST(RateLimit, TakesAnHourUnlessSaid) {
  EXPECT_EQ(rate_limit_in({{"maxCount", 1}}).window, std::chrono::hours(1));
  EXPECT_EQ(rate_limit_in(parsed(R"({"maxCount":1,"window":5,"windowSeconds":9})")).window, seconds(5));
}

TEST(RateLimit, HasTwoOutputs) { EXPECT_EQ(rate_limit_node().handles({}), (Handles{"allowed", "limited"})); }

TEST(RateLimit, NamesItsFaults) {
  const auto& faults = rate_limit_node().faults;
  EXPECT_TRUE(faults({{"maxCount", 1}}).empty());
  for (const auto* config :
       {"{}", R"({"maxCount":0})", R"({"maxCount":"3"})", R"({"maxCount":1.5})", R"({"maxCount":1000001})"}) {
    EXPECT_EQ(faults(parsed(config)), (Faults{{"maxCount", "must be a whole number from 1 to 1000000"}})) << config;
  }
  EXPECT_EQ(faults(parsed(R"({"maxCount":1,"window":0,"per":"city"})")),
            (Faults{{"window", "must be from 1 second to 365 days"}, {"per", "must be contact or workspace"}}));
  EXPECT_EQ(faults(parsed(R"({"maxCount":1,"window":5,"windowSeconds":5})")).at(0).path, "windowSeconds");
}

}  // namespace
}  // namespace waypost::workflow
