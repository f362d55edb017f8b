#include <gtest/gtest.h>

#include "tests/workflow/visiting.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

Plan waited(const Json& config, const Cause& cause) { return planned(wait_for_reply_node(), config, scope(), cause); }

TEST(WaitForReply, WaitsADayUnlessSaid) {
  const auto plan = waited(Json::object(), Entered{});
  ASSERT_TRUE(plan.wait.has_value());
  EXPECT_TRUE(plan.wait->reply);
  EXPECT_EQ(plan.wait->until, kVisited + std::chrono::hours(24));
  EXPECT_EQ(plan.handle, std::nullopt);
  EXPECT_TRUE(plan.effects.empty());
  EXPECT_EQ(waited({{"timeout", 90}}, Entered{}).wait->until, kVisited + seconds(90));
}

TEST(WaitForReply, LeavesByOutWithWhatWasWritten) {
  const auto plan = waited(Json::object(), written("Hello"));
  EXPECT_EQ(plan.handle, "out");
  EXPECT_EQ(plan.variables, parsed(R"({"reply":{"text":"Hello","type":"text","id":null,"title":null}})"));
  EXPECT_EQ(plan.output, plan.variables.at("reply"));
}

TEST(WaitForReply, TellsWhichButtonWasPressed) {
  const auto plan = waited({{"accept", {"button"}}}, pressed("y", "Yes"));
  EXPECT_EQ(plan.handle, "out");
  EXPECT_EQ(plan.output, parsed(R"({"text":"Yes","type":"button","id":"y","title":"Yes"})"));
}

TEST(WaitForReply, LeavesByOtherForAKindThatIsNotAccepted) {
  const auto plan = waited({{"accept", {"image", "location"}}}, written("Hello"));
  EXPECT_EQ(plan.handle, "other");
  EXPECT_EQ(plan.output.at("text"), "Hello");
  EXPECT_EQ(waited({{"accept", {"image", "text"}}}, written("Hello")).handle, "out");
}

TEST(WaitForReply, LeavesByTimeout) {
  const auto plan = waited(Json::object(), TimeUp{});
  EXPECT_EQ(plan.handle, "timeout");
  EXPECT_FALSE(plan.wait.has_value());
  EXPECT_TRUE(plan.variables.empty());
}

TEST(WaitForReply, HasOtherOnlyWithAccept) {
  const auto& handles = wait_for_reply_node().handles;
  EXPECT_EQ(handles(Json::object()), (Handles{"out", "timeout"}));
  EXPECT_EQ(handles({{"accept", {"text"}}}), (Handles{"out", "timeout", "other"}));
}

TEST(WaitForReply, NamesItsFaults) {
  const auto& faults = wait_for_reply_node().faults;
  EXPECT_TRUE(faults(Json::object()).empty());
  EXPECT_TRUE(faults(parsed(R"({"timeout":{"value":3,"unit":"days"},"accept":["text","button"]})")).empty());
  EXPECT_EQ(faults(parsed(R"({"timeout":"soon","accept":["text","smell"]})")).size(), 2U);
  EXPECT_EQ(faults(parsed(R"({"accept":["text","smell"]})")).at(0).path, "accept.1");
  EXPECT_EQ(faults(parsed(R"({"accept":[]})")).at(0).path, "accept");
}

}  // namespace
}  // namespace waypost::workflow
