#include "conversation/fallback_content.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace waypost {
namespace {

TemplateShape shape(const char* body, const char* format = "POSITIONAL") {
  return {.name = "back_to_you",
          .language = "en_US",
          .parameter_format = format,
          .components = Json::array(
              {{{"type", "HEADER"}, {"format", "TEXT"}, {"text", "Hi"}}, {{"type", "BODY"}, {"text", body}}})};
}

TEST(FallbackContent, FillsPositionalParametersByNumber) {
  const auto made = fallback_content(shape("{{2}}: {{1}}"), Json::array({"{{text}}", "Shop"}), "we are back");
  EXPECT_EQ(made.content, Json::parse(R"({"name":"back_to_you","language":{"code":"en_US"},"components":[
      {"type":"body","parameters":[{"type":"text","text":"we are back"},{"type":"text","text":"Shop"}]}]})"));
  EXPECT_EQ(made.text, "Shop: we are back");
}

TEST(FallbackContent, NamesTheParametersOfANamedTemplate) {
  const auto made = fallback_content(shape("{{shop}} says {{what}}", "NAMED"),
                                     Json::array({"Shop", {{"name", "what"}, {"text", "{{text}}!"}}}), "hello");
  const auto& parameters = made.content["components"][0]["parameters"];
  EXPECT_EQ(parameters[0], Json::parse(R"({"type":"text","text":"Shop","parameter_name":"shop"})"));
  EXPECT_EQ(parameters[1], Json::parse(R"({"type":"text","text":"hello!","parameter_name":"what"})"));
  EXPECT_EQ(made.text, "Shop says hello!");
}

TEST(FallbackContent, ATemplateWithoutVariablesHasNoComponents) {
  const auto made = fallback_content(shape("We have news for you."), Json::array(), "hello");
  EXPECT_FALSE(made.content.contains("components"));
  EXPECT_EQ(made.text, "We have news for you.");
}

// Meta's 132018.
TEST(FallbackContent, AParameterHasNoBreaksTabsOrRunsOfSpaces) {
  EXPECT_EQ(fit_parameter("  one\n\ntwo\tthree      four \r\n", 1'024), "one two three four");
}

TEST(FallbackContent, TheTextIsCutSoThatTheBodyKeepsItsLimit) {
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += "é";
  const auto made = fallback_content(shape("News: {{1}}"), Json::array({"{{text}}"}), text);
  EXPECT_EQ(count_characters(made.text), kTemplateBodyCharacters);
  EXPECT_TRUE(made.text.ends_with("é…"));
  EXPECT_TRUE(valid_utf8(made.text));
}

}  // namespace
}  // namespace waypost
