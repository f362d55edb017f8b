#include <gtest/gtest.h>

#include "tests/workflow/visiting.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

TEST(Handoff, HandsTheConversationOverAndEndsTheRun) {
  const auto plan = planned(handoff_node(), {{"note", "{{contact.name}} asks"}}, scope());
  ASSERT_EQ(plan.effects.size(), 1U);
  EXPECT_EQ(effect<HandoffEffect>(plan).assign_to, std::nullopt);
  EXPECT_EQ(plan.handle, std::nullopt);
  EXPECT_FALSE(plan.wait.has_value());
  EXPECT_EQ(plan.input.at("note"), "Ana asks");
  EXPECT_TRUE(handoff_node().handles({}).empty());
}

TEST(Handoff, AssignsItToAUser) {
  const Json config{{"assignTo", "01890a5d-ac96-774b-bcce-b302099a8057"}};
  EXPECT_EQ(effect<HandoffEffect>(planned(handoff_node(), config, scope())).assign_to,
            text_or_empty(config, "assignTo"));
  EXPECT_TRUE(handoff_node().faults(config).empty());
}

TEST(Handoff, NamesItsFaults) {
  EXPECT_TRUE(handoff_node().faults(Json::object()).empty());
  EXPECT_EQ(handoff_node().faults(parsed(R"({"assignTo":"Ann","note":7})")),
            (Faults{{"assignTo", "must be a user's id"}, {"note", "must be a text"}}));
}

}  // namespace
}  // namespace waypost::workflow
