#include <gtest/gtest.h>

#include "tests/workflow/visiting.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

TEST(SendTemplate, SendsPositionalParameters) {
  const auto plan =
      planned(send_template_node(),
              parsed(R"({"name":"order","language":"en_US","parameters":["{{contact.name}}",7]})"), scope());
  EXPECT_EQ(sent(plan).type, "template");
  EXPECT_EQ(sent(plan).content, parsed(R"({"name":"order","language":{"code":"en_US"},"components":[
    {"type":"body","parameters":[{"type":"text","text":"Ana"},{"type":"text","text":"7"}]}]})"));
  EXPECT_EQ(plan.handle, "out");
}

TEST(SendTemplate, SendsNamedParameters) {
  const auto plan = planned(
      send_template_node(),
      parsed(R"({"templateName":"order","language":{"code":"pt"},"parameters":{"who":"{{contact.name}}"}})"), scope());
  EXPECT_EQ(sent(plan).content, parsed(R"({"name":"order","language":{"code":"pt"},"components":[
    {"type":"body","parameters":[{"type":"text","text":"Ana","parameter_name":"who"}]}]})"));
}

TEST(SendTemplate, WithoutParametersHasNoComponents) {
  for (const auto* config : {R"({"name":"a","language":"en"})", R"({"name":"a","language":"en","parameters":[]})",
                             R"({"name":"a","language":"en","parameters":null})"}) {
    const auto plan = planned(send_template_node(), parsed(config), scope());
    EXPECT_EQ(sent(plan).content, parsed(R"({"name":"a","language":{"code":"en"}})")) << config;
  }
}

TEST(SendTemplate, MakesAParameterOneLine) {
  const auto plan = planned(send_template_node(),
                            parsed(R"({"name":"a","language":"en","parameters":["x\n\ny\t     z "]})"), scope());
  EXPECT_EQ(sent(plan).content.at("components").at(0).at("parameters").at(0).at("text"), "x y z");
}

TEST(SendTemplate, FailsOnAnEmptyParameter) {
  const auto plan = planned(send_template_node(),
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

TEST(SendTemplate, HasNoTextOfItsOwn) {
  const auto plan = planned(send_template_node(), parsed(R"({"name":"a","language":"en"})"), scope());
  EXPECT_EQ(sent(plan).text, std::nullopt);
  EXPECT_EQ(sent(plan).policy, std::nullopt);
}

TEST(SendTemplate, FillsItsHeaderAndButtons) {
  const auto plan = planned(send_template_node(), parsed(R"({"name":"a","language":"en","header":"{{contact.name}}",
      "parameters":["x"],"buttons":[{"type":"url","text":"{{message.text}}"}]})"),
                            scope());
  EXPECT_EQ(sent(plan).content.at("components"), parsed(R"([
    {"type":"header","parameters":[{"type":"text","text":"Ana"}]},
    {"type":"body","parameters":[{"type":"text","text":"x"}]},
    {"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"Menu"}]}])"));
}

TEST(SendTemplate, FillsAHeaderOfMedia) {
  const auto plan = planned(send_template_node(), parsed(R"({"name":"a","language":"en",
      "header":{"type":"image","link":"https://x.example/{{contact.name}}.png"}})"),
                            scope());
  EXPECT_EQ(sent(plan).content.at("components"), parsed(R"([{"type":"header","parameters":[
      {"type":"image","image":{"link":"https://x.example/Ana.png"}}]}])"));
}

TEST(SendTemplate, FillsMetasComponents) {
  const auto plan = planned(send_template_node(), parsed(R"({"name":"a","language":"en","components":[
      {"type":"body","parameters":[{"type":"text","text":"Hi {{contact.name}}"}]}]})"),
                            scope());
  EXPECT_EQ(sent(plan).content.at("components"),
            parsed(R"([{"type":"body","parameters":[{"type":"text","text":"Hi Ana"}]}])"));
}

TEST(SendTemplate, FailsOnAnEmptyHeader) {
  const auto plan =
      planned(send_template_node(), parsed(R"({"name":"a","language":"en","header":"{{contact.fields.x}}"})"), scope());
  ASSERT_TRUE(plan.failure.has_value());
  EXPECT_EQ(plan.failure->code, "empty_parameter");
}

TEST(SendTemplate, FailsOnWhatMetaWouldRefuse) {
  const auto plan = planned(send_template_node(), parsed(R"({"name":"a","language":"en",
      "header":{"type":"image","link":"{{contact.name}}"}})"),
                            scope());
  ASSERT_TRUE(plan.failure.has_value());
  EXPECT_EQ(plan.failure->code, "bad_content");
  EXPECT_EQ(plan.failure->words, "header.link: must be an https:// link");
  EXPECT_TRUE(plan.effects.empty());
}

TEST(SendTemplate, NamesFaultsOfItsParts) {
  const auto& faults = send_template_node().faults;
  const auto paths = [&](const char* config) {
    Handles paths;
    for (const auto& fault : faults(parsed(config))) paths.push_back(fault.path);
    return paths;
  };
  EXPECT_EQ(paths(R"({"name":"a","language":"en","header":true,"buttons":7})"), (Handles{"header", "buttons"}));
  EXPECT_EQ(paths(R"({"name":"a","language":"en","header":{"type":"image","link":"http://x"}})"),
            Handles{"header.link"});
  EXPECT_EQ(paths(R"({"name":"a","language":"en","parameters":["x"],"components":[{"type":"body",
      "parameters":[{"type":"text","text":"x"}]}]})"),
            Handles{"parameters"});
  EXPECT_EQ(paths(R"({"templateName":7,"language":"en"})"), Handles{"templateName"});
  EXPECT_TRUE(
      paths(R"({"name":"a","language":"en","header":{"type":"image","link":"{{contact.fields.url}}"}})").empty());
}

}  // namespace
}  // namespace waypost::workflow
