#include "conversation/template_parameters.h"

#include <gmock/gmock.h>

#include "conversation/template_rendering.h"

namespace waypost {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TemplateShape shape(Json components, const std::string& format = "POSITIONAL") {
  return {.name = "order", .language = "en_US", .parameter_format = format, .components = std::move(components)};
}
TemplateShape body_only() { return shape(Json::array({{{"type", "BODY"}, {"text", "Hi {{1}}, {{2}}!"}}})); }
Json text(const std::string& words) { return {{"type", "text"}, {"text", words}}; }
Json named(const std::string& name, const std::string& words) {
  return {{"type", "text"}, {"parameter_name", name}, {"text", words}};
}
Json part(const std::string& type, Json parameters) { return {{"type", type}, {"parameters", std::move(parameters)}}; }
Json sent(Json components) { return {{"name", "order"}, {"components", std::move(components)}}; }

std::vector<std::string> paths(const TemplateShape& of, const Json& content) {
  std::vector<std::string> paths;
  for (const auto& fault : parameter_faults(of, content)) paths.push_back(fault.path);
  return paths;
}

TEST(TemplateParameters, WhatFitsHasNoFault) {
  EXPECT_THAT(paths(body_only(), sent(Json::array({part("body", {text("Ann"), text("now")})}))), IsEmpty());
  EXPECT_THAT(paths(shape(Json::array({{{"type", "BODY"}, {"text", "Hi"}}})), sent(Json::array())), IsEmpty());
}

TEST(TemplateParameters, TheirNumberIsTheTemplates) {
  EXPECT_THAT(paths(body_only(), sent(Json::array({part("body", Json::array({text("Ann")}))}))),
              ElementsAre("components.0.parameters"));
  EXPECT_THAT(paths(body_only(), {{"name", "order"}}), ElementsAre("components"));
  EXPECT_THAT(paths(shape(Json::array({{{"type", "BODY"}, {"text", "Hi"}}})),
                    sent(Json::array({part("body", Json::array({text("Ann")}))}))),
              ElementsAre("components.0.parameters"));
}

TEST(TemplateParameters, ATextIsOneLine) {
  EXPECT_THAT(paths(body_only(), sent(Json::array({part("body", {text("a\nb"), text("")})}))),
              ElementsAre("components.0.parameters.0.text", "components.0.parameters.1.text"));
  EXPECT_THAT(paths(body_only(), sent(Json::array({part("body", {text("a    b"), text("a     b")})}))),
              ElementsAre("components.0.parameters.1.text"));
}

TEST(TemplateParameters, NamesAreTheTemplates) {
  const auto of = shape(Json::array({{{"type", "BODY"}, {"text", "Hi {{name}}, {{day}}!"}}}), "NAMED");
  EXPECT_THAT(paths(of, sent(Json::array({part("body", {named("day", "now"), named("name", "Ann")})}))), IsEmpty());
  EXPECT_THAT(paths(of, sent(Json::array({part("body", {named("day", "now"), named("day", "Ann")})}))),
              ElementsAre("components.0.parameters.1.parameter_name"));
  EXPECT_THAT(paths(of, sent(Json::array({part("body", {text("now"), named("name", "Ann")})}))),
              ElementsAre("components.0.parameters.0.parameter_name"));
}

TEST(TemplateParameters, TheFilledBodyKeepsToItsLength) {
  const auto most = std::string(1'024 - 6, 'x');
  EXPECT_THAT(paths(body_only(), sent(Json::array({part("body", {text(most.substr(1)), text("y")})}))), IsEmpty());
  EXPECT_THAT(paths(body_only(), sent(Json::array({part("body", {text(most), text("yy")})}))),
              ElementsAre("components.0.parameters"));
}

TEST(TemplateParameters, AMediaHeaderTakesItsKind) {
  const auto of = shape(Json::array({{{"type", "HEADER"}, {"format", "IMAGE"}}, {{"type", "BODY"}, {"text", "Hi"}}}));
  const Json image{{"type", "image"}, {"image", {{"link", "https://example.com/a.jpg"}}}};
  EXPECT_THAT(paths(of, sent(Json::array({part("header", Json::array({image}))}))), IsEmpty());
  EXPECT_THAT(paths(of, sent(Json::array())), ElementsAre("components"));
  EXPECT_THAT(paths(of, sent(Json::array({part("header", Json::array({text("a")}))}))),
              ElementsAre("components.0.parameters.0.type"));
  const Json empty{{"type", "image"}, {"image", Json::object()}};
  EXPECT_THAT(paths(of, sent(Json::array({part("header", Json::array({empty}))}))),
              ElementsAre("components.0.parameters.0.image"));
}

TEST(TemplateParameters, ButtonsWithVariablesNeedTheirPart) {
  const auto of = shape(Json::array({{{"type", "BODY"}, {"text", "Hi"}},
                                     {{"type", "BUTTONS"},
                                      {"buttons",
                                       {{{"type", "QUICK_REPLY"}, {"text", "Yes"}},
                                        {{"type", "URL"}, {"text", "Open"}, {"url", "https://example.com/{{1}}"}},
                                        {{"type", "COPY_CODE"}}}}}}));
  const auto button = [](int index, Json parameter) {
    return Json{{"type", "button"}, {"index", std::to_string(index)}, {"parameters", Json::array({parameter})}};
  };
  const Json code{{"type", "coupon_code"}, {"coupon_code", "SAVE10"}};
  EXPECT_THAT(paths(of, sent(Json::array({button(1, text("a")), button(2, code)}))), IsEmpty());
  EXPECT_THAT(paths(of, sent(Json::array())), ElementsAre("components", "components"));
  EXPECT_THAT(paths(of, sent(Json::array({button(1, code), button(2, code), button(3, code)}))),
              ElementsAre("components.0.parameters.0.type", "components.2.index"));
}

TEST(TemplateParameters, WhatOnlyMetaKnowsIsLeftToMeta) {
  const auto of = shape(Json::array({{{"type", "BODY"}, {"text", "Hi"}}, {{"type", "CAROUSEL"}}}));
  EXPECT_THAT(paths(of, sent(Json::array({{{"type", "carousel"}, {"cards", Json::array()}}}))), IsEmpty());
}

TEST(TemplateRendering, ShowsWhatTheCustomerReads) {
  const auto of = shape(
      Json::array({{{"type", "HEADER"}, {"format", "TEXT"}, {"text", "To {{1}}"}},
                   {{"type", "BODY"}, {"text", "Hi {{1}}, {{2}}!"}},
                   {{"type", "FOOTER"}, {"text", "Bye"}},
                   {{"type", "BUTTONS"},
                    {"buttons", Json::array({{{"type", "URL"}, {"text", "Open"}, {"url", "https://x/{{1}}"}}})}}}));
  const Json button{{"type", "button"}, {"index", 0}, {"parameters", Json::array({text("17")})}};
  const auto shown = rendered_template(of, sent(Json::array({part("header", Json::array({text("Ann")})),
                                                             part("body", Json::array({text("{{2}}")})), button})));
  EXPECT_EQ(shown["header"]["text"], "To Ann");
  EXPECT_EQ(shown["body"], "Hi {{2}}, {{2}}!");
  EXPECT_EQ(shown["footer"], "Bye");
  EXPECT_EQ(shown["buttons"][0]["url"], "https://x/17");
}

}  // namespace
}  // namespace waypost
