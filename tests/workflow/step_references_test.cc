#include "workflow/step_references.h"

#include <gtest/gtest.h>

namespace waypost::workflow {
namespace {

using Rests = std::vector<std::string>;

Rests rests(const char* config) {
  Rests rests;
  for (const auto& reference : step_references(Json::parse(config))) rests.push_back(reference.rest);
  return rests;
}

TEST(StepReferences, StandInTextsAndAsBarePaths) {
  EXPECT_EQ(rests(R"({"body":"{{steps.ask.id}} {{contact.name}} {{ steps.b.text }}"})"), (Rests{"ask.id", "b.text"}));
  EXPECT_EQ(rests(R"({"conditions":[{"field":"steps.call.status"}]})"), Rests{"call.status"});
  EXPECT_EQ(rests(R"({"a":{"b":["{{steps.x | json}}"]}})"), Rests{"x"});
  EXPECT_EQ(rests(R"({"body":"{{steps}}"})"), Rests{""});
  EXPECT_EQ(rests(R"({"body":"steps.one and two","more":"{{stepsx.a}}","n":7})"), Rests{});
}

TEST(StepReferences, SayWhereTheyStand) {
  const auto found = step_references(Json::parse(R"({"conditions":[{"field":"message.text"},{"field":"steps.a.b"}]})"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].place, "conditions.1.field");
}

TEST(ReferredNode, IsTheLongestId) {
  const std::set<std::string> ids{"a", "a.b", "c"};
  EXPECT_EQ(referred_node("a", ids), "a");
  EXPECT_EQ(referred_node("a.text", ids), "a");
  EXPECT_EQ(referred_node("a.b.text", ids), "a.b");
  EXPECT_EQ(referred_node("ab.text", ids), "");
  EXPECT_EQ(referred_node("", ids), "");
}

}  // namespace
}  // namespace waypost::workflow
