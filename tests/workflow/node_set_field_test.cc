#include <gtest/gtest.h>

#include "tests/workflow/visiting.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

TEST(SetField, WritesAFilledText) {
  const auto plan = planned(set_field_node(),
                            parsed(R"({"target":"contact","field":"city","value":"{{contact.name}}ville"})"), scope());
  const auto& effect = std::get<SetFieldEffect>(plan.effects.at(0));
  EXPECT_EQ(effect.owner, FieldOwner::Contact);
  EXPECT_EQ(effect.key, "city");
  EXPECT_EQ(effect.value, "Anaville");
  EXPECT_EQ(plan.output.at("previous"), "Porto");
  EXPECT_EQ(plan.handle, "out");
}

TEST(SetField, KeepsNumbersAndNull) {
  const auto number =
      planned(set_field_node(), parsed(R"({"target":"conversation","key":"count","value":3})"), scope());
  EXPECT_EQ(std::get<SetFieldEffect>(number.effects.at(0)).value, 3);
  EXPECT_EQ(std::get<SetFieldEffect>(number.effects.at(0)).owner, FieldOwner::Conversation);
  const auto gone = planned(set_field_node(), parsed(R"({"target":"contact","field":"city","value":null})"), scope());
  EXPECT_TRUE(std::get<SetFieldEffect>(gone.effects.at(0)).value.is_null());
}

TEST(SetField, NamesItsFaults) {
  const auto& faults = set_field_node().faults;
  EXPECT_TRUE(faults(parsed(R"({"target":"contact","key":"x","value":""})")).empty());
  EXPECT_EQ(faults(Json::object()), (Faults{{"target", "must be contact, conversation or tags"},
                                            {"field", "must be a name of 1 to 64 bytes without dots and braces"},
                                            {"value", "must be a text, a number, true, false or null"}}));
  EXPECT_EQ(faults(parsed(R"({"target":"contact","key":"a.b","value":[]})")),
            (Faults{{"key", "must be a name of 1 to 64 bytes without dots and braces"},
                    {"value", "must be a text, a number, true, false or null"}}));
}

TEST(SetField, OneExpressionAloneKeepsItsType) {
  const auto written = [](const char* value) {
    const Json config{{"target", "contact"}, {"field", "x"}, {"value", value}};
    return effect<SetFieldEffect>(planned(set_field_node(), config, scope())).value;
  };
  EXPECT_EQ(written("{{contact.fields.age}}"), 41);
  EXPECT_EQ(written("{{contact.tags}}"), Json::array({"vip"}));
  EXPECT_EQ(written("{{contact.fields.age}} years"), "41 years");
  EXPECT_TRUE(written("{{contact.fields.none}}").is_null());
}

TEST(SetField, FailsOnAValueOverSixteenKilobytes) {
  const Json config{{"target", "contact"}, {"field", "x"}, {"value", std::string(17'000, 'x')}};
  const auto plan = planned(set_field_node(), config, scope());
  ASSERT_TRUE(plan.failure.has_value());
  EXPECT_EQ(plan.failure->code, "too_large");
  EXPECT_TRUE(plan.effects.empty());
}

TEST(SetFieldTags, AddsAndRemovesThem) {
  const auto plan = planned(
      set_field_node(),
      parsed(R"({"target":"tags","add":[" from {{contact.fields.city}} ","{{contact.fields.x}}"],"remove":["vip"]})"),
      scope());
  ASSERT_EQ(plan.effects.size(), 2U);
  EXPECT_EQ(effect<TagEffect>(plan, 0).tag, "from Porto");
  EXPECT_TRUE(effect<TagEffect>(plan, 0).add);
  EXPECT_EQ(effect<TagEffect>(plan, 1).tag, "vip");
  EXPECT_FALSE(effect<TagEffect>(plan, 1).add);
  EXPECT_EQ(plan.handle, "out");
  EXPECT_EQ(plan.input.at("add"), Json::array({"from Porto"}));
  EXPECT_EQ(plan.unknown_variables, Handles{"contact.fields.x"});
}

TEST(SetFieldTags, FailOnOneThatIsTooLong) {
  auto other = scope();
  other["contact"]["name"] = std::string(65, 'x');
  const auto plan = planned(set_field_node(), parsed(R"({"target":"tags","add":["a","{{contact.name}}"]})"), other);
  ASSERT_TRUE(plan.failure.has_value());
  EXPECT_EQ(plan.failure->code, "too_large");
  EXPECT_TRUE(plan.effects.empty());
}

TEST(SetFieldTags, NameTheirFaults) {
  const auto& faults = set_field_node().faults;
  EXPECT_TRUE(faults(parsed(R"({"target":"tags","remove":["{{message.text}}"]})")).empty());
  EXPECT_EQ(faults(parsed(R"({"target":"tags"})")), (Faults{{"add", "is missing: either it or remove"}}));
  EXPECT_EQ(faults(parsed(R"({"target":"tags","add":"x","remove":["a"," ",3]})")),
            (Faults{{"add", "must be a list of at most 20 texts"},
                    {"remove.1", "must be a text of 1 to 64 characters"},
                    {"remove.2", "must be a text of 1 to 64 characters"}}));
  const Json long_tag{{"target", "tags"}, {"add", {std::string(65, 'x')}}};
  EXPECT_EQ(faults(long_tag).at(0).path, "add.0");
}

}  // namespace
}  // namespace waypost::workflow
