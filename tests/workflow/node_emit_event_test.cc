#include <gtest/gtest.h>

#include "tests/workflow/visiting.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

TEST(EmitEvent, TellsItsPayloadWithTypesKept) {
  const auto plan =
      planned(emit_event_node(),
              parsed(R"({"name":"order.new","payload":{"who":"{{contact.name}}","age":"{{contact.fields.age}}",
      "tags":["{{contact.tags}}"],"n":3}})"),
              scope());
  ASSERT_EQ(plan.effects.size(), 1U);
  EXPECT_EQ(effect<EmitEffect>(plan).name, "order.new");
  EXPECT_EQ(effect<EmitEffect>(plan).payload, parsed(R"({"who":"Ana","age":41,"tags":[["vip"]],"n":3})"));
  EXPECT_EQ(plan.handle, "out");
}

TEST(EmitEvent, WithoutAPayloadTellsAnEmptyOne) {
  EXPECT_EQ(effect<EmitEffect>(planned(emit_event_node(), {{"name", "x"}}, scope())).payload, Json::object());
}

TEST(EmitEvent, FailsOnAPayloadThatBecomesTooLarge) {
  auto other = scope();
  other["message"]["text"] = std::string(17'000, 'x');
  const auto plan = planned(emit_event_node(), parsed(R"({"name":"x","payload":"{{message.text}}"})"), other);
  ASSERT_TRUE(plan.failure.has_value());
  EXPECT_EQ(plan.failure->code, "too_large");
  EXPECT_TRUE(plan.effects.empty());
}

TEST(EmitEvent, HasOneOutput) { EXPECT_EQ(emit_event_node().handles({}), Handles{"out"}); }

TEST(EmitEvent, NamesItsFaults) {
  const auto& faults = emit_event_node().faults;
  EXPECT_TRUE(faults({{"name", "a.b_c-9"}}).empty());
  EXPECT_TRUE(faults({{"name", std::string(64, 'a')}}).empty());
  for (const auto& name : {std::string(), std::string("Order"), std::string("a b"), std::string(65, 'a')}) {
    EXPECT_EQ(faults({{"name", name}}).at(0).path, "name") << name;
  }
  EXPECT_EQ(faults({{"name", "a"}, {"payload", std::string(17'000, 'x')}}).at(0).path, "payload");
}

}  // namespace
}  // namespace waypost::workflow
