#include "conversation/template_draft.h"

#include <gmock/gmock.h>

namespace waypost {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Json body(const std::string& text, Json samples = Json()) {
  Json component{{"type", "BODY"}, {"text", text}};
  if (!samples.is_null()) component["example"] = {{"body_text", Json::array({std::move(samples)})}};
  return component;
}
Json buttons(Json list) { return {{"type", "BUTTONS"}, {"buttons", std::move(list)}}; }
Json quick(const std::string& text = "Yes") { return {{"type", "QUICK_REPLY"}, {"text", text}}; }
Json url(const std::string& address = "https://example.com") {
  return {{"type", "URL"}, {"text", "Open"}, {"url", address}};
}

TemplateDraft draft(Json components) {
  return {.name = "order_update", .language = "en_US", .category = "UTILITY", .components = std::move(components)};
}
std::vector<std::string> paths(const TemplateDraft& of) {
  std::vector<std::string> paths;
  for (const auto& fault : draft_faults(of)) paths.push_back(fault.path);
  return paths;
}

TEST(TemplateDraft, AWholeTemplateHasNoFault) {
  const auto whole = draft(Json::array({{{"type", "HEADER"},
                                         {"format", "TEXT"},
                                         {"text", "Order {{1}}"},
                                         {"example", {{"header_text", Json::array({"17"})}}}},
                                        body("Hi {{1}}, order {{2}} is ready.", {"Ann", "17"}),
                                        {{"type", "FOOTER"}, {"text", "Bye"}},
                                        buttons({quick(), quick("No"), url()})}));
  EXPECT_THAT(draft_faults(whole), IsEmpty());
}

TEST(TemplateDraft, AllFaultsAreToldAtOnce) {
  auto bad = draft(Json::array({{{"type", "FOOTER"}, {"text", "{{1}}"}}}));
  bad.name = "Order Update";
  bad.language = "english";
  bad.category = "SALES";
  bad.parameter_format = "FREE";
  EXPECT_THAT(paths(bad), UnorderedElementsAre("name", "language", "category", "parameterFormat", "components.0.text",
                                               "components"));
}

TEST(TemplateDraft, VariablesStandInside) {
  EXPECT_THAT(paths(draft(Json::array({body("{{1}} hello", Json::array({"a"}))}))), ElementsAre("components.0.text"));
  EXPECT_THAT(paths(draft(Json::array({body("hello {{1}}", Json::array({"a"}))}))), ElementsAre("components.0.text"));
}

TEST(TemplateDraft, PositionsHaveNoGapAndEachItsSample) {
  EXPECT_THAT(paths(draft(Json::array({body("a {{1}} and {{3}} b", {"a", "b"})}))), ElementsAre("components.0.text"));
  EXPECT_THAT(paths(draft(Json::array({body("a {{1}} and {{2}} b", Json::array({"a"}))}))),
              ElementsAre("components.0.example.body_text"));
  EXPECT_THAT(paths(draft(Json::array({body("a {{1}} b")}))), ElementsAre("components.0.example.body_text"));
}

TEST(TemplateDraft, NamesAreLowerCaseAndEachHasItsSample) {
  auto named = draft(Json::array({{{"type", "BODY"}, {"text", "Hi {{First}} you"}}}));
  named.parameter_format = "NAMED";
  EXPECT_THAT(paths(named), ElementsAre("components.0.text", "components.0.example.body_text_named_params"));
  const Json sample{{"param_name", "first_name"}, {"example", "Ann"}};
  named.components = Json::array({{{"type", "BODY"},
                                   {"text", "Hi {{first_name}} you"},
                                   {"example", {{"body_text_named_params", Json::array({sample})}}}}});
  EXPECT_THAT(draft_faults(named), IsEmpty());
}

TEST(TemplateDraft, LengthsCountCharacters) {
  std::string fits, longer;
  for (int n = 0; n < 1'024; ++n) fits += "é";
  longer = fits + "é";
  EXPECT_THAT(paths(draft(Json::array({body(fits)}))), IsEmpty());
  EXPECT_THAT(paths(draft(Json::array({body(longer)}))), ElementsAre("components.0.text"));
  EXPECT_THAT(paths(draft(Json::array({body("a"), {{"type", "FOOTER"}, {"text", std::string(61, 'x')}}}))),
              ElementsAre("components.1.text"));
  EXPECT_THAT(paths(draft(Json::array({body("a"), {{"type", "HEADER"}, {"format", "TEXT"}, {"text", ""}}}))),
              ElementsAre("components.1.text"));
}

TEST(TemplateDraft, AMediaHeaderNeedsItsSample) {
  const Json bare{{"type", "HEADER"}, {"format", "IMAGE"}};
  EXPECT_THAT(paths(draft(Json::array({bare, body("a")}))), ElementsAre("components.0.example.header_handle"));
  Json whole = bare;
  whole["example"] = {{"header_handle", Json::array({"4::abc"})}};
  EXPECT_THAT(paths(draft(Json::array({whole, body("a")}))), IsEmpty());
}

TEST(TemplateDraft, ButtonsAreCountedGroupedAndWhole) {
  const auto with = [](Json list) { return paths(draft(Json::array({body("a"), buttons(std::move(list))}))); };
  EXPECT_THAT(with({quick(), url(), quick()}), ElementsAre("components.1.buttons"));
  EXPECT_THAT(with({url(), quick(), url()}), ElementsAre("components.1.buttons"));
  EXPECT_THAT(with({url(), url(), url()}), ElementsAre("components.1.buttons"));
  EXPECT_THAT(with(Json::array({quick(std::string(26, 'x'))})), ElementsAre("components.1.buttons.0.text"));
  EXPECT_THAT(with(Json::array({url("https://example.com/{{1}}/x")})),
              ElementsAre("components.1.buttons.0.url", "components.1.buttons.0.example"));
  EXPECT_THAT(with(Json::array()), ElementsAre("components.1.buttons"));
  Json eleven = Json::array();
  for (int n = 0; n < 11; ++n) eleven.push_back(quick());
  EXPECT_THAT(with(eleven), ElementsAre("components.1.buttons", "components.1.buttons"));
}

TEST(TemplateDraft, AComponentStandsOnce) {
  EXPECT_THAT(paths(draft(Json::array({body("a"), body("b")}))), ElementsAre("components.1.type"));
}

TEST(TemplateDraft, TheValidityDependsOnTheCategory) {
  auto timed = draft(Json::array({body("a")}));
  timed.ttl_seconds = 43'200;
  EXPECT_THAT(draft_faults(timed), IsEmpty());
  timed.ttl_seconds = 43'201;
  EXPECT_THAT(paths(timed), ElementsAre("messageSendTtlSeconds"));
  timed.ttl_seconds = -1;
  EXPECT_THAT(draft_faults(timed), IsEmpty());
  timed.category = "MARKETING";
  EXPECT_THAT(paths(timed), ElementsAre("messageSendTtlSeconds"));
}

TEST(TemplateDraft, AuthenticationHasMetasWords) {
  auto code = draft(Json::array({{{"type", "BODY"}, {"add_security_recommendation", true}},
                                 {{"type", "FOOTER"}, {"code_expiration_minutes", 5}},
                                 buttons(Json::array({{{"type", "OTP"}, {"otp_type", "COPY_CODE"}}}))}));
  code.category = "AUTHENTICATION";
  EXPECT_THAT(draft_faults(code), IsEmpty());
}

TEST(TemplateDraft, WhatIsInReviewIsNotEdited) {
  EXPECT_FALSE(edit_refusal("APPROVED").has_value());
  EXPECT_FALSE(edit_refusal("REJECTED").has_value());
  EXPECT_FALSE(edit_refusal("PAUSED").has_value());
  EXPECT_TRUE(edit_refusal("PENDING").has_value());
  EXPECT_TRUE(edit_refusal("DELETED").has_value());
}

}  // namespace
}  // namespace waypost
