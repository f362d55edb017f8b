#include "workflow/config_schema.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json parsed(const char* text) { return Json::parse(text); }

TEST(ConfigSchema, SaysWhatAMemberIs) {
  EXPECT_EQ(schema_of::text("Body", "Says it."),
            parsed(R"({"type":"string","title":"Body","description":"Says it."})"));
  EXPECT_EQ(schema_of::choice("A", "b", {"x", "y"}).at("enum"), parsed(R"(["x","y"])"));
  EXPECT_EQ(schema_of::whole("A", "b", {.least = 1}),
            parsed(R"({"type":"integer","title":"A","description":"b","minimum":1})"));
  EXPECT_EQ(schema_of::with_default(schema_of::flag("A", "b"), true).at("default"), true);
  const auto list = schema_of::list("A", "b", schema_of::text("C", "d"), {.least = 1, .most = 3});
  EXPECT_EQ(list.at("minItems"), 1);
  EXPECT_EQ(list.at("maxItems"), 3);
  EXPECT_EQ(list.at("items").at("type"), "string");
}

TEST(ConfigSchema, OfAConfigurationKeepsTheMembersOrder) {
  const auto schema = schema_of::config({{"z", schema_of::flag("Z", "z")}, {"a", schema_of::flag("A", "a")}}, {"a"});
  EXPECT_EQ(schema.at("$schema"), "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema.at("type"), "object");
  EXPECT_EQ(schema.at("required"), parsed(R"(["a"])"));
  EXPECT_EQ(schema.at("x-order"), parsed(R"(["z","a"])"));
  EXPECT_EQ(schema.at("properties").size(), 2U);
  EXPECT_EQ(schema_of::config({}).at("properties"), Json::object());
}

TEST(SchemasOfFamilies, NameEachMemberWithWords) {
  for (const auto* family : all_families()) {
    const auto schema = family->schema();
    const Json* members = find_object(schema, "properties");
    const Json none = Json::object();
    for (const auto& [name, member] : (members ? *members : none).items()) {
      EXPECT_FALSE(text_or_empty(member, "title").empty()) << family->type << " " << name;
      EXPECT_FALSE(text_or_empty(member, "description").empty()) << family->type << " " << name;
    }
    for (const auto& name : schema.value("required", Json::array())) {
      EXPECT_TRUE(members->contains(name.get<std::string>())) << family->type << " " << name;
    }
  }
}

// A configuration without faults, and wrong values, one for a member: each is found where it stands.
struct Sample {
  const NodeFamily& (*family)() = nullptr;
  const char* right;
  const char* wrong;
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> kSamples{
      {inbound_message_trigger, R"({"types":["text"]})", R"({"types":["smell"]})"},
      {keyword_trigger, R"({"keywords":["a"],"match":"equals"})", R"({"keywords":[],"match":7})"},
      {new_contact_trigger, "{}", "{}"},
      {api_trigger, R"({"variables":[{"name":"a","required":true}]})", R"({"variables":{}})"},
      {manual_test_trigger, R"({"testMessage":"x"})", R"({"testMessage":7})"},
      {send_message_node, R"({"body":"x","outsideWindow":"hold"})", R"({"body":7,"outsideWindow":"x"})"},
      {send_template_node, R"({"name":"a","language":"en","header":"x","parameters":["x"],"buttons":[]})",
       R"({"name":7,"language":7,"header":true,"parameters":7,"buttons":7})"},
      {send_template_node, R"({"templateName":"a","language":"en","components":[]})",
       R"({"templateName":7,"components":7})"},
      {send_media_node,
       R"({"mediaType":"document","link":"https://x","caption":"x","filename":"x","outsideWindow":"hold"})",
       R"({"mediaType":"x","link":7,"caption":7,"filename":7,"outsideWindow":7})"},
      {send_media_node, R"({"mediaType":"image","uploadId":"01890a5d-ac96-774b-bcce-b302099a8057"})",
       R"({"uploadId":7})"},
      {send_media_node, R"({"mediaType":"image","mediaId":"1"})", R"({"mediaId":7})"},
      {send_interactive_node,
       R"({"body":"x","header":"h","footer":"f","buttons":[{"title":"a"}],"timeout":5,"wait":true,"outsideWindow":"hold"})",
       R"({"body":7,"header":7,"footer":7,"buttons":7,"timeout":"x","wait":"x","outsideWindow":"x"})"},
      {send_interactive_node, R"({"body":"x","list":{"button":"b","sections":[{"rows":[{"title":"a"}]}]}})",
       R"({"list":7})"},
      {send_interactive_node, R"({"body":"x","url":{"text":"a","url":"https://x"}})", R"({"url":7})"},
      {wait_for_reply_node, R"({"timeout":5,"accept":["text"]})", R"({"timeout":{},"accept":"text"})"},
      {handoff_node, R"({"assignTo":"01890a5d-ac96-774b-bcce-b302099a8057","note":"x"})", R"({"assignTo":7,"note":7})"},
      {switch_node, R"({"conditions":[{"field":"message.text","operator":"equals","value":"x","label":"a"}]})",
       R"({"conditions":7})"},
      {rate_limit_node, R"({"maxCount":1,"window":5,"per":"contact"})", R"({"maxCount":0,"window":"x","per":"x"})"},
      {rate_limit_node, R"({"maxCount":1,"windowSeconds":5})", R"({"windowSeconds":"x"})"},
      {delay_node, R"({"duration":5})", R"({"duration":"x"})"},
      {delay_node, R"({"until":"10:00","weekdays":["mon"]})", R"({"until":7,"weekdays":7})"},
      {end_node, "{}", "{}"},
      {set_field_node, R"({"target":"contact","field":"x","value":1})", R"({"target":"x","field":7,"value":{}})"},
      {set_field_node, R"({"target":"contact","key":"x","value":1})", R"({"key":7})"},
      {set_field_node, R"({"target":"tags","add":["a"],"remove":["b"]})", R"({"add":7,"remove":7})"},
      {emit_event_node, R"({"name":"a","payload":{}})", R"({"name":7})"}};
  return kSamples;
}

bool is_at(const FieldError& fault, const std::string& member) {
  return fault.path == member || fault.path.starts_with(member + ".");
}

bool finds(const NodeFamily& family, const Json& config, const std::string& member) {
  for (const auto& fault : family.faults(config)) {
    if (is_at(fault, member)) return true;
  }
  return false;
}

TEST(Samples, OfConfigurationsHaveNoFaults) {
  for (const auto& sample : samples()) {
    const auto faults = sample.family().faults(parsed(sample.right));
    EXPECT_TRUE(faults.empty()) << sample.right << ": " << (faults.empty() ? "" : faults[0].path + faults[0].message);
  }
}

TEST(Samples, WithAWrongMemberAreAtFaultThere) {
  for (const auto& sample : samples()) {
    for (const auto& [member, value] : parsed(sample.wrong).items()) {
      auto config = parsed(sample.right);
      config[member] = value;
      EXPECT_TRUE(finds(sample.family(), config, member)) << sample.family().type << " " << member;
    }
  }
}

TEST(Samples, WithoutARequiredMemberAreAtFaultThere) {
  for (const auto& sample : samples()) {
    for (const auto& name : sample.family().schema().value("required", Json::array())) {
      auto config = parsed(sample.right);
      config.erase(name.get<std::string>());
      EXPECT_TRUE(finds(sample.family(), config, name.get<std::string>())) << sample.family().type << " " << name;
    }
  }
}

// What faults() knows is what the samples hold: the schema names these members and no others. A payload of any shape
// has no fault but its size.
TEST(Samples, HoldTheMembersOfTheSchema) {
  std::map<std::string_view, std::set<std::string>> known;
  for (const auto& sample : samples()) {
    auto& members = known[sample.family().type];
    for (const auto& [member, value] : parsed(sample.right).items()) members.insert(member);
  }
  for (const auto& [type, members] : known) {
    std::set<std::string> described;
    const auto schema = find_family(type)->schema();
    for (const auto& [member, value] : schema.at("properties").items()) described.insert(member);
    EXPECT_EQ(described, members) << type;
  }
}

}  // namespace
}  // namespace waypost::workflow
