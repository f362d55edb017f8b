#include "sandbox/template_rules.h"

#include <gtest/gtest.h>

namespace waypost::sandbox {
namespace {

Template a_template(const std::string& body, const std::string& status = "APPROVED") {
  Template form{.name = "offer", .language = "en_US"};
  form.status = status;
  form.components = Json::array({{{"type", "BODY"}, {"text", body}}});
  return form;
}

Json body_of(const Json& parameters) { return Json::array({{{"type", "body"}, {"parameters", parameters}}}); }
Json text(const std::string& value) { return {{"type", "text"}, {"text", value}}; }

int refusal_of(const Template& form, const Json& sent) {
  const auto filled = fill(form, sent);
  return filled ? 0 : filled.error().code;
}

TEST(TemplateRules, PositionsAreFilledInOrder) {
  EXPECT_EQ(fill(a_template("{{1}} and {{2}}, {{1}}"), body_of({text("a"), text("b")})).value(), "a and b, a");
}

TEST(TemplateRules, NamesAreFilledByName) {
  auto form = a_template("{{first}} {{last}}");
  form.parameter_format = "NAMED";
  auto last = text("L");
  last["parameter_name"] = "last";
  auto first = text("F");
  first["parameter_name"] = "first";
  EXPECT_EQ(fill(form, body_of({last, first})).value(), "F L");
  EXPECT_EQ(refusal_of(form, body_of({text("x"), first})), 132012);
}

TEST(TemplateRules, AWrongCountIs132000) {
  EXPECT_EQ(refusal_of(a_template("{{1}}"), Json::array()), 132000);
  EXPECT_EQ(refusal_of(a_template("none"), body_of(Json::array({text("a")}))), 132000);
}

TEST(TemplateRules, OnlyApprovedOnesAreSent) {
  EXPECT_EQ(refusal_of(a_template("x", "PAUSED"), Json::array()), 132015);
  EXPECT_EQ(refusal_of(a_template("x", "DISABLED"), Json::array()), 132016);
  EXPECT_EQ(refusal_of(a_template("x", "PENDING"), Json::array()), 132001);
}

TEST(TemplateRules, AHeaderOfMediaWantsItsParameter) {
  auto form = a_template("x");
  form.components.push_back({{"type", "HEADER"}, {"format", "IMAGE"}});
  EXPECT_EQ(refusal_of(form, Json::array()), 132012);
  const Json image = {{"type", "image"}, {"image", {{"id", "1"}}}};
  EXPECT_EQ(refusal_of(form, Json::array({{{"type", "header"}, {"parameters", Json::array({image})}}})), 0);
}

TEST(TemplateRules, ALinkWithAVariableWantsItsButton) {
  auto form = a_template("x");
  form.components.push_back(
      {{"type", "BUTTONS"}, {"buttons", Json::array({{{"type", "URL"}, {"url", "https://a/{{1}}"}}})}});
  EXPECT_EQ(refusal_of(form, Json::array()), 131008);
  const Json button = {
      {"type", "button"}, {"sub_type", "url"}, {"index", "0"}, {"parameters", Json::array({text("7")})}};
  EXPECT_EQ(refusal_of(form, Json::array({button})), 0);
}

TEST(TemplateRules, ANewBodyHasItsVariablesInsideAndEachASample) {
  const auto made = [](Json component) {
    component["type"] = "BODY";
    return read_new_template({{"name", "a"},
                              {"language", "en"},
                              {"category", "UTILITY"},
                              {"components", Json::array({std::move(component)})}});
  };
  EXPECT_EQ(
      made({{"text", "{{1}} x"}, {"example", {{"body_text", Json::array({Json::array({"a"})})}}}}).error().subcode,
      2388299);
  EXPECT_EQ(made({{"text", "x {{1}} x"}}).error().code, 100);
  EXPECT_TRUE(
      made({{"text", "x {{1}} x"}, {"example", {{"body_text", Json::array({Json::array({"a"})})}}}}).has_value());
}

TEST(TemplateRules, ANewTemplateNeedsAPlainNameACategoryAndABody) {
  const Json good = {{"name", "order_1"},
                     {"language", "en"},
                     {"category", "UTILITY"},
                     {"components", Json::array({{{"type", "BODY"}, {"text", "x"}}})}};
  EXPECT_EQ(read_new_template(good)->status, "PENDING");
  for (const auto& [key, value] :
       Json{{"name", "Order 1"}, {"category", "OTHER"}, {"components", Json::array()}}.items()) {
    auto bad = good;
    bad[key] = value;
    EXPECT_EQ(read_new_template(bad).error().code, 100) << key;
  }
}

}  // namespace
}  // namespace waypost::sandbox
