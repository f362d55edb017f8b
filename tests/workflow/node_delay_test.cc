#include <gtest/gtest.h>

#include "tests/workflow/visiting.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

Plan delayed(const Json& config, const Cause& cause = Entered{}) {
  return planned(delay_node(), config, scope(), cause);
}

TEST(Delay, WaitsForADuration) {
  const auto plan = delayed(parsed(R"({"duration":{"value":3,"unit":"days"}})"));
  ASSERT_TRUE(plan.wait.has_value());
  EXPECT_FALSE(plan.wait->reply);
  EXPECT_EQ(plan.wait->until, kVisited + std::chrono::days(3));
  EXPECT_EQ(plan.handle, std::nullopt);
  EXPECT_EQ(plan.input.at("until"), "2026-11-26T10:00:00.000Z");
}

TEST(Delay, WaitsForATimeOfDayInTheWorkspacesZone) {
  EXPECT_EQ(delayed({{"until", "12:30"}}).wait->until, parse_iso8601("2026-11-23T12:30:00Z"));
  EXPECT_EQ(delayed(parsed(R"({"until":"09:00","weekdays":["fri","sun"]})")).wait->until,
            parse_iso8601("2026-11-27T09:00:00Z"));
  auto berlin = scope();
  berlin["workspace"]["timeZone"] = "Europe/Berlin";
  EXPECT_EQ(planned(delay_node(), {{"until", "12:30"}}, berlin).wait->until, parse_iso8601("2026-11-23T11:30:00Z"));
  EXPECT_EQ(planned(delay_node(), {{"until", "12:30"}}, Json::object()).wait->until,
            parse_iso8601("2026-11-23T12:30:00Z"));
}

TEST(Delay, GoesOnWhenItsTimeIsUp) {
  const auto plan = delayed({{"duration", 60}}, TimeUp{});
  EXPECT_EQ(plan.handle, "out");
  EXPECT_FALSE(plan.wait.has_value());
}

TEST(Delay, FailsOnATimeThatNeverComes) {
  const auto plan = delayed({{"until", "25:00"}});
  ASSERT_TRUE(plan.failure.has_value());
  EXPECT_EQ(plan.failure->code, "no_such_time");
}

TEST(Delay, HasOneOutput) { EXPECT_EQ(delay_node().handles({}), Handles{"out"}); }

TEST(Delay, NamesItsFaults) {
  const auto& faults = delay_node().faults;
  EXPECT_TRUE(faults({{"duration", 1}}).empty());
  EXPECT_TRUE(faults(parsed(R"({"until":"23:59","weekdays":["mon"]})")).empty());
  EXPECT_EQ(faults(Json::object()), (Faults{{"duration", "is missing: either it or until"}}));
  EXPECT_EQ(faults(parsed(R"({"duration":1,"until":"10:00"})")),
            (Faults{{"until", "stands beside duration: one of them"}}));
  EXPECT_EQ(faults(parsed(R"({"until":"24:00"})")), (Faults{{"until", "must be a time of day from 00:00 to 23:59"}}));
  EXPECT_EQ(faults(parsed(R"({"until":"10:00","weekdays":["Monday"]})")).at(0).path, "weekdays.0");
  EXPECT_EQ(faults(parsed(R"({"duration":1,"weekdays":["mon"]})")), (Faults{{"weekdays", "belongs to until"}}));
  EXPECT_EQ(faults(parsed(R"({"duration":"1"})")).at(0).path, "duration");
}

}  // namespace
}  // namespace waypost::workflow
