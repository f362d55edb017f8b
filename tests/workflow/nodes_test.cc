#include <gtest/gtest.h>

#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

using Faults = std::vector<FieldError>;
using Handles = std::vector<std::string>;

const Json& scope() {
  static const Json kScope{{"contact", {{"name", "Ana"}, {"tags", {"vip"}}, {"fields", {{"city", "Porto"}}}}},
                           {"conversation", {{"id", "c-1"}, {"fields", Json::object()}}},
                           {"message", {{"id", "m-1"}, {"type", "text"}, {"text", "Menu"}}},
                           {"timestamp", "2026-11-23T10:00:00.000Z"}};
  return kScope;
}

Json parsed(const char* text) { return Json::parse(text); }
const SendEffect& sent(const Plan& plan, std::size_t place = 0) { return std::get<SendEffect>(plan.effects.at(place)); }

TEST(Families, AreFoundByTheirType) {
  for (const auto* type : {"trigger.inbound_message", "wa.send_message", "wa.send_template", "logic.switch",
                           "logic.end", "state.set_field"}) {
    ASSERT_NE(find_family(type), nullptr) << type;
    EXPECT_EQ(find_family(type)->type, type);
    EXPECT_EQ(find_family(type)->is_trigger, std::string(type).starts_with("trigger."));
  }
  EXPECT_EQ(find_family("wa.send"), nullptr);
  EXPECT_EQ(find_family(""), nullptr);
}

TEST(InboundMessageTrigger, GoesOnAndRecordsTheMessage) {
  const auto& family = inbound_message_trigger();
  EXPECT_TRUE(family.faults(Json::object()).empty());
  EXPECT_EQ(family.handles({}), Handles{"out"});
  const auto plan = family.plan(Json::object(), scope());
  EXPECT_EQ(plan.handle, "out");
  EXPECT_EQ(plan.input.at("message").at("text"), "Menu");
  EXPECT_TRUE(plan.effects.empty());
}

TEST(End, HasNoOutput) {
  EXPECT_TRUE(end_node().handles({}).empty());
  EXPECT_EQ(end_node().plan({}, scope()).handle, std::nullopt);
}

TEST(SendMessage, FillsItsBody) {
  const auto plan = send_message_node().plan({{"body", "Hi {{contact.name}}{{contact.fields.x}}"}}, scope());
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
  const auto plan = send_message_node().plan({{"body", "Hi"}, {"outsideWindow", "hold"}}, scope());
  EXPECT_EQ(sent(plan).policy, WindowPolicy::Hold);
}

TEST(SendMessage, SplitsALongTextInOrder) {
  const auto plan = send_message_node().plan({{"body", std::string(4'000, 'a') + ". " + std::string(200, 'b')}}, {});
  ASSERT_EQ(plan.effects.size(), 2U);
  EXPECT_EQ(sent(plan, 0).text, std::string(4'000, 'a') + ".");
  EXPECT_EQ(sent(plan, 1).text, std::string(200, 'b'));
}

TEST(SendMessage, FailsWhenNothingIsLeftToSay) {
  const auto plan = send_message_node().plan({{"body", "{{contact.fields.x}} "}}, scope());
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

TEST(SendTemplate, SendsPositionalParameters) {
  const auto plan = send_template_node().plan(
      parsed(R"({"name":"order","language":"en_US","parameters":["{{contact.name}}",7]})"), scope());
  EXPECT_EQ(sent(plan).type, "template");
  EXPECT_EQ(sent(plan).content, parsed(R"({"name":"order","language":{"code":"en_US"},"components":[
    {"type":"body","parameters":[{"type":"text","text":"Ana"},{"type":"text","text":"7"}]}]})"));
  EXPECT_EQ(plan.handle, "out");
}

TEST(SendTemplate, SendsNamedParameters) {
  const auto plan = send_template_node().plan(
      parsed(R"({"templateName":"order","language":{"code":"pt"},"parameters":{"who":"{{contact.name}}"}})"), scope());
  EXPECT_EQ(sent(plan).content, parsed(R"({"name":"order","language":{"code":"pt"},"components":[
    {"type":"body","parameters":[{"type":"text","text":"Ana","parameter_name":"who"}]}]})"));
}

TEST(SendTemplate, WithoutParametersHasNoComponents) {
  for (const auto* config : {R"({"name":"a","language":"en"})", R"({"name":"a","language":"en","parameters":[]})",
                             R"({"name":"a","language":"en","parameters":null})"}) {
    const auto plan = send_template_node().plan(parsed(config), scope());
    EXPECT_EQ(sent(plan).content, parsed(R"({"name":"a","language":{"code":"en"}})")) << config;
  }
}

TEST(SendTemplate, MakesAParameterOneLine) {
  const auto plan =
      send_template_node().plan(parsed(R"({"name":"a","language":"en","parameters":["x\n\ny\t     z "]})"), scope());
  EXPECT_EQ(sent(plan).content.at("components").at(0).at("parameters").at(0).at("text"), "x y z");
}

TEST(SendTemplate, FailsOnAnEmptyParameter) {
  const auto plan = send_template_node().plan(
      parsed(R"({"name":"a","language":"en","parameters":["{{contact.fields.x}}"]})"), scope());
  ASSERT_TRUE(plan.failure.has_value());
  EXPECT_EQ(plan.failure->code, "empty_parameter");
  EXPECT_TRUE(plan.effects.empty());
}

TEST(SendTemplate, NamesItsFaults) {
  const auto& faults = send_template_node().faults;
  EXPECT_EQ(faults(Json::object()), (Faults{{"name", "is required"}, {"language", "is required"}}));
  EXPECT_EQ(faults(parsed(R"({"name":"a","language":"en","parameters":"x"})")),
            (Faults{{"parameters", "must be an array or an object"}}));
  EXPECT_EQ(faults(parsed(R"({"name":"a","language":"en","parameters":["x",{},""]})")),
            (Faults{{"parameters.1", "must be a text that is not empty"},
                    {"parameters.2", "must be a text that is not empty"}}));
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
  const auto plan = switch_node().plan(menu(), scope());
  EXPECT_EQ(plan.handle, "Menu");
  EXPECT_EQ(plan.input.at("fields").at("message.text"), "Menu");
  EXPECT_EQ(plan.output.at("label"), "Menu");
}

TEST(Switch, TakesTheDefaultWhenNoneHolds) {
  auto other = scope();
  other["message"]["text"] = "?";
  other["contact"]["tags"] = Json::array();
  EXPECT_EQ(switch_node().plan(menu(), other).handle, "default");
}

TEST(Switch, ComparesWithVariablesAndNotesUnknownOnes) {
  const auto plan = switch_node().plan(
      parsed(R"({"conditions":[{"field":"contact.fields.x","operator":"equals","value":"a","label":"A"},
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

TEST(SetField, WritesAFilledText) {
  const auto plan =
      set_field_node().plan(parsed(R"({"target":"contact","field":"city","value":"{{contact.name}}ville"})"), scope());
  const auto& effect = std::get<SetFieldEffect>(plan.effects.at(0));
  EXPECT_EQ(effect.owner, FieldOwner::Contact);
  EXPECT_EQ(effect.key, "city");
  EXPECT_EQ(effect.value, "Anaville");
  EXPECT_EQ(plan.output.at("previous"), "Porto");
  EXPECT_EQ(plan.handle, "out");
}

TEST(SetField, KeepsNumbersAndNull) {
  const auto number = set_field_node().plan(parsed(R"({"target":"conversation","key":"count","value":3})"), scope());
  EXPECT_EQ(std::get<SetFieldEffect>(number.effects.at(0)).value, 3);
  EXPECT_EQ(std::get<SetFieldEffect>(number.effects.at(0)).owner, FieldOwner::Conversation);
  const auto gone = set_field_node().plan(parsed(R"({"target":"contact","field":"city","value":null})"), scope());
  EXPECT_TRUE(std::get<SetFieldEffect>(gone.effects.at(0)).value.is_null());
}

TEST(SetField, NamesItsFaults) {
  const auto& faults = set_field_node().faults;
  EXPECT_TRUE(faults(parsed(R"({"target":"contact","key":"x","value":""})")).empty());
  EXPECT_EQ(faults(Json::object()), (Faults{{"target", "must be contact or conversation"},
                                            {"field", "must be a name of 1 to 64 bytes without dots and braces"},
                                            {"value", "must be a text, a number, true, false or null"}}));
  EXPECT_EQ(faults(parsed(R"({"target":"contact","key":"a.b","value":[]})")),
            (Faults{{"key", "must be a name of 1 to 64 bytes without dots and braces"},
                    {"value", "must be a text, a number, true, false or null"}}));
}

}  // namespace
}  // namespace waypost::workflow
