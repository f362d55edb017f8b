// The kinds of messages as the simulator reads them: what our golden files send it takes, and what Meta refuses it
// refuses with Meta's codes.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sandbox/send_request.h"

namespace waypost::sandbox {
namespace {

constexpr std::string_view kBusiness = "4915550783881";

Json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return Json::parse(text.str());
}

Json request_of(const std::string& type, const char* content) {
  Json body{{"messaging_product", "whatsapp"}, {"to", "+16505551234"}, {"type", type}};
  body[type] = Json::parse(content);
  return body;
}

int refusal_of(const std::string& type, const char* content) {
  const auto read = read_send(request_of(type, content), kBusiness);
  return read ? 0 : read.error().code;
}

// Groups are not simulated.
TEST(SendKinds, WhatGoesToMetaIsTaken) {
  const auto folder = std::filesystem::path(WAYPOST_TEST_DATA) / "send";
  int taken = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().filename().string().ends_with(".expected.json")) continue;
    const auto body = read_json(entry.path());
    if (body["recipient_type"] == "group") continue;
    const auto read = read_send(body, kBusiness);
    EXPECT_TRUE(read) << entry.path() << " " << (read ? "" : read.error().details);
    ++taken;
  }
  EXPECT_GE(taken, 100);
}

struct Refused {
  const char* type;
  const char* content;
  int code;
};

TEST(SendKinds, WhatMetaRefusesIsRefusedWithItsCode) {
  const std::vector<Refused> refusals{
      {"image", R"({"id":"1","link":"https://example.com"})", 131009},
      {"audio", R"({"id":"1","caption":"c"})", 131009},
      {"sticker", R"({"id":"1","caption":"c"})", 131009},
      {"location", R"({"latitude":91,"longitude":1})", 131009},
      {"location", R"({"latitude":"north","longitude":"1"})", 131009},
      {"location", R"({"latitude":1})", 131008},
      {"pin", R"({"type":"pin","message_id":"wamid.A","expiration_days":1})", 100},
      {"interactive", R"({"type":"poll","body":{"text":"b"},"action":{}})", 100},
      {"interactive", R"({"type":"button","header":{"type":"gif"},"body":{"text":"b"},"action":{}})", 131009},
      {"interactive", R"({"type":"button","header":{"type":"image"},"body":{"text":"b"},"action":{}})", 131008},
      {"interactive", R"({"type":"list","header":{"type":"image","image":{"id":"1"}},"body":{"text":"b"},
          "action":{}})",
       131009},
      {"interactive", R"({"type":"cta_url","body":{"text":"b"},"action":{"parameters":{"url":"https://a.b",
          "display_text":"d"}}})",
       131008},
      {"interactive", R"({"type":"location_request_message","body":{"text":"b"},"action":{"name":"go"}})", 131009},
      {"interactive", R"({"type":"location_request_message","action":{"name":"send_location"}})", 131008},
      {"interactive", R"({"type":"flow","body":{"text":"b"},"action":{"name":"flow"}})", 131008},
      {"interactive", R"({"type":"flow","body":{"text":"b"},"action":{"name":"flow","parameters":{
          "flow_message_version":"3","flow_id":"1","flow_name":"n","flow_cta":"c"}}})",
       131009},
      {"interactive", R"({"type":"product","action":{"catalog_id":"1"}})", 131008},
      {"interactive", R"({"type":"product_list","body":{"text":"b"},"action":{"catalog_id":"1","sections":[
          {"product_items":[{"product_retailer_id":"1"}]}]}})",
       131008},
      {"interactive", R"({"type":"catalog_message","body":{"text":"b"},"action":{"name":"c"}})", 131009},
      {"interactive", R"({"type":"carousel","body":{"text":"b"},"action":{"cards":[{}]}})", 131009},
      {"interactive", R"({"type":"carousel","body":{"text":"b"},"action":{"cards":[
          {"card_index":0,"type":"product","action":{"catalog_id":"1","product_retailer_id":"1"}},
          {"card_index":0,"type":"product","action":{"catalog_id":"1","product_retailer_id":"1"}}]}})",
       131009},
      {"interactive", R"({"type":"carousel","body":{"text":"b"},"action":{"cards":[
          {"card_index":0,"action":{"buttons":[]}},{"card_index":1,"action":{"buttons":[]}}]}})",
       131008},
      {"interactive", R"({"type":"address_message","body":{"text":"b"},"action":{"name":"address_message"}})", 131008},
      {"interactive", R"({"type":"voice_call","body":{"text":"b"},"action":{"name":"voice_call","parameters":{
          "display_text":"a label of 26 characters.."}}})",
       131009},
      {"interactive", R"({"type":"request_contact_info","body":{"text":"b"},"action":{"name":"ask"}})", 131009},
      {"interactive", R"({"type":"call_permission_request","action":{}})", 131008},
      {"interactive", R"({"type":"order_status","body":{"text":"b"},"action":{"name":"review_order","parameters":{
          "reference_id":"1","order":{"status":"lost"}}}})",
       131009},
      {"interactive", R"({"type":"order_details","body":{"text":"b"},"action":{"name":"review_and_pay","parameters":{
          "reference_id":"1","type":"physical-goods","currency":"INR"}}})",
       131008},
      {"template", R"({"name":"n","language":{"code":"en"},"components":{}})", 100},
      {"template", R"({"name":"n","language":{"code":"en"},"components":[{"type":"footer"}]})", 100},
      {"template", R"({"name":"n","language":{"code":"en"},"components":[{"type":"button","sub_type":"fax"}]})", 100},
      {"template", R"({"name":"n","language":{"code":"en"},"components":[{"type":"button","sub_type":"url"}]})",
       131008},
  };
  for (const auto& [type, content, code] : refusals) EXPECT_EQ(refusal_of(type, content), code) << content;
}

}  // namespace
}  // namespace waypost::sandbox
