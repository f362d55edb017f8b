#include "workflow/variables.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace waypost::workflow {
namespace {

const Json& scope() {
  static const Json kScope{{"contact",
                            {{"name", "Ana"},
                             {"phone", "+15550001"},
                             {"language", nullptr},
                             {"tags", {"vip", "new"}},
                             {"fields",
                              {{"city", "Porto"},
                               {"age", 41},
                               {"member", true},
                               {"ratio", 1.5},
                               {"first name", "A."},
                               {"a.b", "dotted"},
                               {"odd", "{{contact.name}}"},
                               {"address", {{"street", "Rua 1"}}}}}}},
                           {"conversation", {{"id", "c-1"}, {"fields", {{"step", "two"}}}}},
                           {"message", {{"id", "m-1"}, {"type", "text"}, {"text", "Hi"}}},
                           {"timestamp", "2026-11-23T10:00:00.000Z"}};
  return kScope;
}

struct Case {
  std::string text;
  std::string expected;
  std::vector<std::string> unknown{};
};

class Variables : public testing::TestWithParam<Case> {};

TEST_P(Variables, AreFilled) {
  const auto filled = fill(GetParam().text, scope());
  EXPECT_EQ(filled.text, GetParam().expected);
  EXPECT_EQ(filled.unknown, GetParam().unknown);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Variables,
    testing::Values(Case{"", ""}, Case{"plain", "plain"}, Case{"{{contact.name}}", "Ana"},
                    Case{"Hi {{ contact.name }}!", "Hi Ana!"}, Case{"{{contact.phone}}", "+15550001"},
                    Case{"{{contact.language}}", ""}, Case{"{{contact.tags}}", "vip, new"},
                    Case{"{{contact.fields.city}}", "Porto"}, Case{"{{contact.fields.age}}", "41"},
                    Case{"{{contact.fields.member}}", "true"}, Case{"{{contact.fields.ratio}}", "1.5"},
                    Case{"{{contact.fields.first name}}", "A."}, Case{"{{contact.fields.a.b}}", "dotted"},
                    Case{"{{contact.fields.address.street}}", "Rua 1"}, Case{"{{conversation.fields.step}}", "two"},
                    Case{"{{conversation.id}}", "c-1"}, Case{"{{message.text}}", "Hi"},
                    Case{"{{message.type}}/{{message.id}}", "text/m-1"},
                    Case{"{{timestamp}}", "2026-11-23T10:00:00.000Z"}));

INSTANTIATE_TEST_SUITE_P(Unknown, Variables,
                         testing::Values(Case{"a{{contact.fields.x}}b", "ab", {"contact.fields.x"}},
                                         Case{"{{foo}}{{bar}}{{foo}}", "", {"foo", "bar"}},
                                         Case{"{{contact}}", "", {"contact"}},
                                         Case{"{{contact.fields.address}}", "", {"contact.fields.address"}},
                                         Case{"{{contact.name.x}}", "", {"contact.name.x"}},
                                         Case{"{{contact.}}", "", {"contact."}}, Case{"{{.}}", "", {"."}}));

INSTANTIATE_TEST_SUITE_P(Odd, Variables,
                         testing::Values(Case{"{{contact.name", "{{contact.name"}, Case{"{{}}", "{{}}"},
                                         Case{"{{ }} {{contact.name}}", "{{ }} Ana"},
                                         Case{"{{{contact.name}}}", "{Ana}"}, Case{"}}{{", "}}{{"},
                                         Case{"{{a\nb}}", "{{a\nb}}"},
                                         Case{"{{contact.{{contact.name}}", "{{contact.Ana"},
                                         // What a customer put into a field is text, not a template.
                                         Case{"{{contact.fields.odd}}", "{{contact.name}}"}));

TEST(VariablesOutput, IsBoundedAtACharacter) {
  const Json large{{"contact", {{"name", "x" + std::string(kFilledBytes, 'y')}}}};
  EXPECT_EQ(fill("{{contact.name}}{{contact.name}}", large).text.size(), kFilledBytes);
  std::string euros = "x";
  while (euros.size() <= kFilledBytes) euros += "€";
  const auto text = fill(euros, scope()).text;
  EXPECT_LE(text.size(), kFilledBytes);
  EXPECT_TRUE(valid_utf8(text));
}

TEST(Variables, AreListedForTheCheck) {
  EXPECT_EQ(variables_in("{{ a }} {{b.c}} {{}} {{d"), (std::vector<std::string>{"a", "b.c"}));
  EXPECT_TRUE(is_known_root("contact.name"));
  EXPECT_TRUE(is_known_root("{{message.text}}"));
  EXPECT_TRUE(is_known_root("timestamp"));
  EXPECT_FALSE(is_known_root("contacts.name"));
  EXPECT_FALSE(is_known_root(""));
}

TEST(Variables, EachRootIsKnown) {
  for (const auto& root : kRoots) EXPECT_TRUE(is_known_root(std::string(root.name) + ".x")) << root.name;
  EXPECT_FALSE(is_known_root("steps_of"));
}

using Names = std::vector<std::string>;

TEST(FilledJson, IsFilledInEveryTextAndKeepsTypesOfExpressionsAlone) {
  const auto json = Json::parse(R"({"n": 1, "t": "plain", "name": "{{contact.name}}", "age": "{{contact.fields.age}}",
    "list": ["{{contact.tags}}", "{{contact.fields.age}} years", {"deep": "{{contact.fields.member}}"}],
    "address": "{{contact.fields.address}}", "none": "{{contact.language}}", "x": "{{contact.fields.x}}",
    "both": "{{contact.fields.x}}-{{foo}}", "{{contact.name}}": "keys stay"})");
  const auto filled = fill_value(json, scope());
  EXPECT_EQ(filled.value, Json::parse(R"({"n": 1, "t": "plain", "name": "Ana", "age": 41,
    "list": [["vip", "new"], "41 years", {"deep": true}], "address": {"street": "Rua 1"}, "none": null, "x": null,
    "both": "-", "{{contact.name}}": "keys stay"})"));
  EXPECT_EQ(filled.unknown, (Names{"contact.fields.x", "foo"}));
}

TEST(FilledJson, StaysAsItIsWithoutExpressions) {
  for (const char* text : {"null", "true", "-1.5", "\"text\"", "[]", "{}", R"({"a": [1, {"b": "c {"}]})"})
    EXPECT_EQ(fill_value(Json::parse(text), scope()).value, Json::parse(text));
}

TEST(FilledJson, TakesInAMegabyteAtMost) {
  const Json large{{"contact", {{"name", std::string(kFilledBytes, 'y')}}}};
  const auto filled = fill_value(Json(std::vector<Json>(20, "{{contact.name}}")), large);
  EXPECT_EQ(filled.value.at(14).get<std::string>().size(), kFilledBytes);
  EXPECT_TRUE(filled.value.at(16).is_null());
  EXPECT_EQ(filled.unknown, Names{"contact.name"});
  EXPECT_LE(dump(filled.value).size(), kFilledJsonBytes + 200);
}

TEST(FilledJson, NestsNoDeeperThanItMay) {
  Json json = "{{contact.tags}}";
  for (int level = 0; level < kFilledDepth; ++level) json = Json::array({json});
  const auto filled = fill_value(json, scope());
  EXPECT_FALSE(bytes_of(filled.value, kFilledJsonBytes, kFilledDepth - 1));
  EXPECT_TRUE(bytes_of(filled.value, kFilledJsonBytes, kFilledDepth));
  EXPECT_EQ(filled.unknown, Names{"contact.tags"});
  EXPECT_EQ(fill_value(Json::array({json}), scope()).unknown, Names{});
}

TEST(Variables, SoManyAreFilledAndNamed) {
  std::string text;
  for (std::size_t count = 0; count < kExpressionsInAText; ++count) text += "{{x" + std::to_string(count) + "}}";
  const auto filled = fill(text + "{{contact.name}}", scope());
  EXPECT_EQ(filled.text, "{{contact.name}}");
  EXPECT_EQ(filled.unknown.size(), kNamedUnknown);
}

TEST(Variables, AConditionsFieldIsAPathOrAnExpression) {
  EXPECT_EQ(value_of("contact.fields.age", scope()).value, 41);
  EXPECT_EQ(value_of("{{ contact.tags }}", scope()).value, (Json{"vip", "new"}));
  EXPECT_EQ(value_of("contact.name | upper", scope()).value, "ANA");
  EXPECT_EQ(value_of("{{contact.fields.x | default:7}}", scope()).value, 7);
  EXPECT_EQ(value_of("contact.fields.x", scope()).unknown, Names{"contact.fields.x"});
  EXPECT_EQ(value_of("contact.fields.x | upper", scope()).unknown, Names{"contact.fields.x"});
  EXPECT_EQ(value_of("contact.name | uper", scope()).unknown, Names{"contact.name | uper"});
}

struct Fault {
  std::string text{};
  Names expected{};
};

TEST(Expressions, AreFaultyForAReason) {
  const std::string filters = "default, upper, lower, trim, truncate, date, number, json";
  const Fault table[] = {
      {"", {}},
      {"plain {{", {}},
      {"{{contact.name | upper | default:\"x\"}} {{now | date}} {{steps.a.b}}", {}},
      {"{{ }} {{a\nb}} {{contact.name | uper", {}},
      {"{{foo.x}} {{bar}} {{foo.x}}", {"unknown variable {{foo.x}}", "unknown variable {{bar}}"}},
      {"{{contact.name | uper}}", {"{{contact.name | uper}}: there is no filter uper; there are " + filters}},
      {"{{foo | uper }}",
       {"unknown variable {{foo}}", "{{foo | uper}}: there is no filter uper; there are " + filters}},
      {"{{contact.name |}}", {"{{contact.name |}}: a filter's name is missing behind |"}},
      {"{{contact.name | upper:1}}", {"{{contact.name | upper:1}}: upper takes nothing"}},
      {"{{contact.name | default}}", {"{{contact.name | default}}: default takes a text or a number"}},
      {"{{contact.name | truncate:\"2\"}}",
       {"{{contact.name | truncate:\"2\"}}: truncate takes how many characters, 1 to 65536"}},
      {"{{contact.name | default:x}}", {"{{contact.name | default:x}}: behind : stands a text in quotes or a number"}},
      {"{{contact.name | default:\"x}}", {"{{contact.name | default:\"x}}: a text in quotes does not end"}},
      {"{{contact.name | upper lower}}",
       {"{{contact.name | upper lower}}: behind a filter stands | and another, or }}"}},
      {"{{now|trim|trim|trim|trim|trim|trim|trim|trim|trim}}",
       {"{{now|trim|trim|trim|trim|trim|trim|trim|trim|trim}}: has more than 8 filters"}},
      {"{{now | default:\"" + std::string(500, 'x') + "\"}}",
       {"{{now | default:\"" + std::string(85, 'x') + "…}}: is longer than 500 bytes"}},
      {"{{now" + std::string(200, ' ') + "." + std::string(200, 'x') + "}}",
       {"unknown variable {{now" + std::string(97, ' ') + "…}}",
        "{{now" + std::string(97, ' ') + "…}}: the path is longer than 200 bytes"}},
  };
  for (const auto& fault : table) EXPECT_EQ(expression_faults(fault.text), fault.expected) << fault.text;
}

TEST(Expressions, OfATextAreCounted) {
  std::string text;
  for (std::size_t count = 0; count < kExpressionsInAText; ++count) text += "{{now}}";
  EXPECT_TRUE(expression_faults(text).empty());
  EXPECT_EQ(expression_faults(text + "{{now}}"), Names{"has more than 500 expressions"});
}

TEST(Variables, AreFoundBareAndInBraces) {
  ASSERT_NE(look_up(scope(), "message.text"), nullptr);
  EXPECT_EQ(*look_up(scope(), "{{ message.text }}"), "Hi");
  EXPECT_EQ(look_up(scope(), "message.body"), nullptr);
  EXPECT_EQ(look_up(scope(), ""), nullptr);
}

}  // namespace
}  // namespace waypost::workflow
