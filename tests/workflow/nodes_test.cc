#include <gtest/gtest.h>

#include "tests/workflow/visiting.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

TEST(Families, AreFoundByTheirType) {
  for (const auto* type : {"trigger.inbound_message", "wa.send_message", "wa.send_template", "logic.switch",
                           "logic.end", "state.set_field"}) {
    ASSERT_NE(find_family(type), nullptr) << type;
    EXPECT_EQ(find_family(type)->type, type);
    EXPECT_EQ(find_family(type)->is_trigger(), std::string(type).starts_with("trigger."));
  }
  EXPECT_EQ(find_family("wa.send"), nullptr);
  EXPECT_EQ(find_family(""), nullptr);
}

TEST(InboundMessageTrigger, GoesOnAndRecordsTheMessage) {
  const auto& family = inbound_message_trigger();
  EXPECT_TRUE(family.faults(Json::object()).empty());
  EXPECT_EQ(family.handles({}), Handles{"out"});
  const auto plan = planned(family, Json::object(), scope());
  EXPECT_EQ(plan.handle, "out");
  EXPECT_EQ(plan.input.at("message").at("text"), "Menu");
  EXPECT_TRUE(plan.effects.empty());
}

TEST(End, HasNoOutput) {
  EXPECT_TRUE(end_node().handles({}).empty());
  EXPECT_EQ(planned(end_node(), {}, scope()).handle, std::nullopt);
}

TEST(SendMessage, FillsItsBody) {
  const auto plan = planned(send_message_node(), {{"body", "Hi {{contact.name}}{{contact.fields.x}}"}}, scope());
  ASSERT_EQ(plan.effects.size(), 1U);
  EXPECT_EQ(sent(plan).type, "text");
  EXPECT_EQ(sent(plan).text, "Hi Ana");
  EXPECT_EQ(sent(plan).content, Json({{"body", "Hi Ana"}}));
  EXPECT_EQ(sent(plan).policy, std::nullopt);
  EXPECT_EQ(plan.unknown_variables, Handles{"contact.fields.x"});
  EXPECT_EQ(plan.handle, "out");
  EXPECT_EQ(plan.input.at("body"), "Hi Ana");
}

TEST(SendMessage, KeepsItsWindowPolicy) {
  const auto plan = planned(send_message_node(), {{"body", "Hi"}, {"outsideWindow", "hold"}}, scope());
  EXPECT_EQ(sent(plan).policy, WindowPolicy::Hold);
}

TEST(SendMessage, SplitsALongTextInOrder) {
  const auto plan =
      planned(send_message_node(), {{"body", std::string(4'000, 'a') + ". " + std::string(200, 'b')}}, {});
  ASSERT_EQ(plan.effects.size(), 2U);
  EXPECT_EQ(sent(plan, 0).text, std::string(4'000, 'a') + ".");
  EXPECT_EQ(sent(plan, 1).text, std::string(200, 'b'));
}

TEST(SendMessage, FailsWhenNothingIsLeftToSay) {
  const auto plan = planned(send_message_node(), {{"body", "{{contact.fields.x}} "}}, scope());
  ASSERT_TRUE(plan.failure.has_value());
  EXPECT_EQ(plan.failure->code, "empty_text");
  EXPECT_TRUE(plan.effects.empty());
}

TEST(SendMessage, NamesItsFaults) {
  const auto& faults = send_message_node().faults;
  EXPECT_TRUE(faults({{"body", "x"}}).empty());
  EXPECT_TRUE(faults({{"body", "x"}, {"outsideWindow", nullptr}}).empty());
  EXPECT_TRUE(faults({{"body", "x"}, {"outsideWindow", "template_then_hold"}}).empty());
  EXPECT_EQ(faults({{"body", 7}}), (Faults{{"body", "is required"}}));
  EXPECT_EQ(faults({{"body", "x"}, {"outsideWindow", "maybe"}}),
            (Faults{{"outsideWindow", "must be reject, hold, template or template_then_hold"}}));
}

Json menu() {
  return parsed(R"({"conditions":[
    {"field":"message.text","operator":"equals","value":"stop","label":"Stop"},
    {"field":"{{message.text}}","operator":"starts_with","value":"me","label":"Menu"},
    {"field":"contact.tags","operator":"contains","value":"vip","label":"VIP"}]})");
}

TEST(Switch, HasAnOutputForEachLabelAndTheDefault) {
  EXPECT_EQ(switch_node().handles(menu()), (Handles{"Stop", "Menu", "VIP", "default"}));
}

TEST(Switch, TakesTheFirstThatHolds) {
  const auto plan = planned(switch_node(), menu(), scope());
  EXPECT_EQ(plan.handle, "Menu");
  EXPECT_EQ(plan.input.at("fields").at("message.text"), "Menu");
  EXPECT_EQ(plan.output.at("label"), "Menu");
}

TEST(Switch, TakesTheDefaultWhenNoneHolds) {
  auto other = scope();
  other["message"]["text"] = "?";
  other["contact"]["tags"] = Json::array();
  EXPECT_EQ(planned(switch_node(), menu(), other).handle, "default");
}

TEST(Switch, ComparesWithVariablesAndNotesUnknownOnes) {
  const auto plan = planned(
      switch_node(), parsed(R"({"conditions":[{"field":"contact.fields.x","operator":"equals","value":"a","label":"A"},
        {"field":"contact.fields.city","operator":"equals","value":"{{contact.fields.city}}","label":"B"}]})"),
      scope());
  EXPECT_EQ(plan.handle, "B");
  EXPECT_EQ(plan.unknown_variables, Handles{"contact.fields.x"});
}

TEST(Switch, NamesItsFaults) {
  const auto& faults = switch_node().faults;
  EXPECT_TRUE(faults(menu()).empty());
  EXPECT_EQ(faults(Json::object()), (Faults{{"conditions", "at least one is required"}}));
  EXPECT_EQ(
      faults(parsed(R"({"conditions":[{}]})")),
      (Faults{{"conditions.0.field", "is required"},
              {"conditions.0.operator", "must be equals, not_equals, contains, starts_with, ends_with, gt, lt or in"},
              {"conditions.0.value", "is required"},
              {"conditions.0.label", "is required"}}));
  const auto said = faults(parsed(R"({"conditions":[
    {"field":"foo.x","operator":"equals","value":"","label":"a"},
    {"field":"message.text","operator":"gt","value":3,"label":"a"},
    {"field":"message.text","operator":"in","value":["x","y"],"label":"default"}]})"));
  EXPECT_EQ(said, (Faults{{"conditions.0.field", "unknown variable foo.x"},
                          {"conditions.1.label", "another condition has the label a"},
                          {"conditions.2.label", "\"default\" is the output taken when no condition holds"}}));
}

}  // namespace
}  // namespace waypost::workflow
