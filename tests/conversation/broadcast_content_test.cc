#include "conversation/broadcast_content.h"

#include <gmock/gmock.h>

namespace waypost {
namespace {

TemplateShape shape(const char* body, const char* format = "POSITIONAL") {
  return {.name = "offer",
          .language = "en_US",
          .parameter_format = format,
          .components = Json::array({{{"type", "BODY"}, {"text", body}}})};
}

RecipientValues jane() {
  RecipientValues values{{"contact.name", "Jane"}, {"contact.fields.city", "Lima"}};
  add_row_values(values, {{"code", "A-1"}, {"empty", ""}});
  return values;
}

TEST(BroadcastContent, FillsTheBodyFromContactAndRow) {
  const auto made =
      broadcast_content(shape("Hi {{1}} of {{2}}: {{3}}"),
                        Json::array({"{{contact.name}}", "{{ contact.fields.city }}", "code {{row.code}}"}), jane());
  ASSERT_TRUE(made);
  EXPECT_EQ(made->text, "Hi Jane of Lima: code A-1");
  EXPECT_EQ(made->content["name"], "offer");
  EXPECT_EQ(made->content["language"]["code"], "en_US");
  EXPECT_EQ(made->content["components"][0]["parameters"][2]["text"], "code A-1");
}

TEST(BroadcastContent, NamedVariablesKeepTheirNames) {
  const auto made = broadcast_content(shape("Hi {{who}}", "NAMED"),
                                      Json::array({{{"name", "who"}, {"text", "{{contact.name}}"}}}), jane());
  ASSERT_TRUE(made);
  EXPECT_EQ(made->content["components"][0]["parameters"][0]["parameter_name"], "who");
  EXPECT_EQ(made->text, "Hi Jane");
}

TEST(BroadcastContent, ADefaultStandsInForWhatIsNotThere) {
  const auto given = [](Json parameter) {
    return broadcast_content(shape("Hi {{1}}"), Json::array({std::move(parameter)}), jane());
  };
  EXPECT_EQ(given({{"text", "{{contact.fields.none}}"}, {"default", "friend"}})->text, "Hi friend");
  EXPECT_EQ(given({{"text", "{{row.empty}}"}, {"default", "friend"}})->text, "Hi friend");
  EXPECT_FALSE(given("{{contact.fields.none}}"));
  EXPECT_FALSE(given({{"text", "{{row.other}}"}}));
}

TEST(BroadcastContent, WhatIsFilledInIsNotReadAgain) {
  RecipientValues values{{"contact.name", "{{row.code}}"}, {"row.code", "secret"}};
  EXPECT_EQ(broadcast_content(shape("Hi {{1}}"), Json::array({"{{contact.name}}"}), values)->text, "Hi {{row.code}}");
}

TEST(BroadcastContent, MetasOwnComponentsAreFilledInEveryText) {
  const Json parameters{
      {"components",
       Json::array({{{"type", "header"},
                     {"parameters",
                      Json::array({{{"type", "image"}, {"image", {{"link", "https://x/{{row.code}}.png"}}}}})}}})}};
  const auto made = broadcast_content(shape("Hi"), parameters, jane());
  ASSERT_TRUE(made);
  EXPECT_EQ(made->content["components"][0]["parameters"][0]["image"]["link"], "https://x/A-1.png");
  EXPECT_FALSE(broadcast_content(shape("Hi"), {{"components", Json::array({"{{row.none}}"})}}, jane()));
}

TEST(BroadcastContent, ATemplateWithoutVariablesNeedsNone) {
  const auto made = broadcast_content(shape("Hello"), Json::array(), jane());
  ASSERT_TRUE(made);
  EXPECT_FALSE(made->content.contains("components"));
}

std::vector<std::string> paths(const Json& parameters, const TemplateShape* of = nullptr) {
  std::vector<std::string> found;
  for (const auto& fault : broadcast_parameter_faults(parameters, of)) found.push_back(fault.path);
  return found;
}

TEST(BroadcastContent, FaultsNameTheirPlace) {
  using testing::ElementsAre;
  EXPECT_THAT(paths(Json::array({"{{contact.name}}", {{"text", "x"}}})), ElementsAre());
  EXPECT_THAT(paths("x"), ElementsAre("parameters"));
  EXPECT_THAT(paths(Json::array({"a", 7, "{{contact.email}}", "{{row.x"})),
              ElementsAre("parameters.1", "parameters.2", "parameters.3"));
  EXPECT_THAT(paths(Json::array({{{"text", "x"}, {"default", 1}}})), ElementsAre("parameters.0.default"));
  EXPECT_THAT(paths({{"components", Json::array({{{"type", "body"}, {"text", "{{x}}"}}})}}),
              ElementsAre("components.0.text"));
}

TEST(BroadcastContent, ThereAreAsManyAsTheBodyHasVariables) {
  const auto two = shape("{{1}} and {{2}}, {{1}}");
  EXPECT_EQ(paths(Json::array({"a"}), &two), std::vector<std::string>{"parameters"});
  EXPECT_TRUE(paths(Json::array({"a", "b"}), &two).empty());
}

}  // namespace
}  // namespace waypost
