// Every limit of what can be sent: at the limit it passes, one beyond it is refused, with the member and the limit.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conversation/send_content.h"

namespace waypost {
namespace {

using ::testing::HasSubstr;

struct Limit {
  const char* type;
  Json base;
  const char* pointer;  // of the member that is tried
  Json at;
  Json beyond;
  const char* path;  // of the fault, behind the type
  const char* words;
};

std::string text_of(std::size_t characters) {
  std::string text;
  for (std::size_t i = 0; i < characters; ++i) text += "ü";  // two bytes, one character
  return text;
}

Json repeated(const Json& item, std::size_t count) {
  Json list = Json::array();
  for (std::size_t i = 0; i < count; ++i) list.push_back(item);
  return list;
}

// With a number in place of each "#".
Json numbered(const std::string& item, std::size_t count) {
  Json list = Json::array();
  for (std::size_t i = 0; i < count; ++i) {
    std::string one = item;
    for (auto at = one.find('#'); at != std::string::npos; at = one.find('#')) one.replace(at, 1, std::to_string(i));
    list.push_back(Json::parse(one));
  }
  return list;
}

Json parsed(const char* text) { return Json::parse(text); }

const Json kImage = parsed(R"({"link":"https://example.com/a.jpg"})");
const Json kButtons = parsed(R"({"type":"button","header":{"type":"text","text":"h"},"body":{"text":"b"},
  "footer":{"text":"f"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"t"}}]}})");
const Json kList = parsed(R"({"type":"list","body":{"text":"b"},"action":{"button":"c",
  "sections":[{"title":"s","rows":[{"id":"1","title":"t","description":"d"}]}]}})");
const Json kLink = parsed(R"({"type":"cta_url","body":{"text":"b"},
  "action":{"name":"cta_url","parameters":{"display_text":"o","url":"https://example.com"}}})");
const Json kProducts = parsed(R"({"type":"product_list","header":{"type":"text","text":"h"},"body":{"text":"b"},
  "action":{"catalog_id":"1","sections":[{"title":"s","product_items":[{"product_retailer_id":"1"}]}]}})");
const Json kCarousel = parsed(R"({"type":"carousel","body":{"text":"b"},"action":{"cards":[
  {"card_index":0,"header":{"type":"image","image":{"id":"1"}},"body":{"text":"c"},
   "action":{"buttons":[{"type":"quick_reply","quick_reply":{"id":"1","title":"t"}}]}},
  {"card_index":1,"header":{"type":"image","image":{"id":"1"}},
   "action":{"buttons":[{"type":"quick_reply","quick_reply":{"id":"1","title":"t"}}]}}]}})");
const Json kCall = parsed(R"({"type":"voice_call","body":{"text":"b"},
  "action":{"name":"voice_call","parameters":{"display_text":"c","ttl_minutes":1}}})");
const Json kStatus = parsed(R"({"type":"order_status","body":{"text":"b"},
  "action":{"name":"review_order","parameters":{"reference_id":"1","order":{"status":"shipped","description":"d"}}}})");
const Json kTemplate = parsed(R"({"name":"n","language":{"code":"en"},"components":[]})");
const Json kPin = parsed(R"({"type":"pin","message_id":"wamid.A","expiration_days":7})");
constexpr const char* kProductCard =
    R"({"card_index":#,"type":"product","action":{"catalog_id":"1","product_retailer_id":"#"}})";
constexpr const char* kTemplateCard = R"({"card_index":#,"components":[{"type":"body"}]})";

Json rows(std::size_t count) { return numbered(R"({"id":"#","title":"t"})", count); }
Json components(const Json& one) { return Json::array({one}); }
Json carousel_of(std::size_t cards) {
  return components({{"type", "carousel"}, {"cards", numbered(kTemplateCard, cards)}});
}
Json copy_code(std::size_t characters) {
  return components({{"type", "button"},
                     {"sub_type", "copy_code"},
                     {"index", 0},
                     {"parameters", Json::array({{{"type", "coupon_code"}, {"coupon_code", text_of(characters)}}})}});
}
Json url_button(int index) {
  return components({{"type", "button"},
                     {"sub_type", "url"},
                     {"index", index},
                     {"parameters", Json::array({{{"type", "text"}, {"text", "x"}}})}});
}
Json header_of(std::size_t parameters) {
  return components({{"type", "header"}, {"parameters", repeated({{"type", "text"}, {"text", "x"}}, parameters)}});
}

std::vector<Limit> limits() {
  return {
      {"text", {{"body", "b"}}, "/body", text_of(4096), text_of(4097), ".body", "at most 4096 characters, has 4097"},
      {"text", {{"body", "b"}}, "/body", "x", "", ".body", "at least 1 character, has 0"},
      {"image", kImage, "/caption", text_of(1024), text_of(1025), ".caption", "at most 1024 characters, has 1025"},
      {"video", kImage, "/caption", text_of(1024), text_of(1025), ".caption", "at most 1024"},
      {"document", kImage, "/caption", text_of(1024), text_of(1025), ".caption", "at most 1024"},
      {"location", parsed(R"({"latitude":1,"longitude":1})"), "/latitude", 90, 90.1, ".latitude", "from -90 to 90"},
      {"location", parsed(R"({"latitude":1,"longitude":1})"), "/latitude", "-90", "-91", ".latitude", "from -90 to 90"},
      {"location", parsed(R"({"latitude":1,"longitude":1})"), "/longitude", -180, 181, ".longitude",
       "from -180 to 180"},
      {"contacts", Json::array(), "", repeated(parsed(R"({"name":{"formatted_name":"A"}})"), 257),
       repeated(parsed(R"({"name":{"formatted_name":"A"}})"), 258), "", "at most 257, has 258"},
      {"contacts", Json::array(), "", repeated(parsed(R"({"name":{"formatted_name":"A"}})"), 1), Json::array(), "",
       "at least 1, has 0"},
      {"pin", kPin, "/expiration_days", 30, 31, ".expiration_days", "from 1 to 30"},
      {"pin", kPin, "/expiration_days", 1, 0, ".expiration_days", "from 1 to 30"},
      {"interactive", kButtons, "/body/text", text_of(1024), text_of(1025), ".body.text", "at most 1024"},
      {"interactive", kButtons, "/header/text", text_of(60), text_of(61), ".header.text", "at most 60"},
      {"interactive", kButtons, "/footer/text", text_of(60), text_of(61), ".footer.text", "at most 60"},
      {"interactive", kButtons, "/action/buttons/0/reply/title", text_of(20), text_of(21),
       ".action.buttons[0].reply.title", "at most 20 characters, has 21"},
      {"interactive", kButtons, "/action/buttons/0/reply/id", text_of(256), text_of(257), ".action.buttons[0].reply.id",
       "at most 256"},
      {"interactive", kButtons, "/action/buttons", numbered(R"({"type":"reply","reply":{"id":"#","title":"#"}})", 3),
       numbered(R"({"type":"reply","reply":{"id":"#","title":"#"}})", 4), ".action.buttons", "at most 3, has 4"},
      {"interactive", kList, "/body/text", text_of(4096), text_of(4097), ".body.text", "at most 4096"},
      {"interactive", kList, "/action/button", text_of(20), text_of(21), ".action.button", "at most 20"},
      {"interactive", kList, "/action/sections", numbered(R"({"title":"s","rows":[{"id":"#","title":"t"}]})", 10),
       numbered(R"({"title":"s","rows":[{"id":"#","title":"t"}]})", 11), ".action.sections", "at most 10"},
      {"interactive", kList, "/action/sections/0/title", text_of(24), text_of(25), ".action.sections[0].title",
       "at most 24"},
      {"interactive", kList, "/action/sections/0/rows", rows(10), rows(11), ".action.sections",
       "at most 10 rows in all, has 11"},
      {"interactive", kList, "/action/sections/0/rows", rows(1), rows(0), ".action.sections[0].rows",
       "at least 1, has 0"},
      {"interactive", kList, "/action/sections/0/rows/0/id", text_of(200), text_of(201),
       ".action.sections[0].rows[0].id", "at most 200"},
      {"interactive", kList, "/action/sections/0/rows/0/title", text_of(24), text_of(25),
       ".action.sections[0].rows[0].title", "at most 24"},
      {"interactive", kList, "/action/sections/0/rows/0/description", text_of(72), text_of(73),
       ".action.sections[0].rows[0].description", "at most 72"},
      {"interactive", kLink, "/body/text", text_of(1024), text_of(1025), ".body.text", "at most 1024"},
      {"interactive", kLink, "/action/parameters/display_text", text_of(20), text_of(21),
       ".action.parameters.display_text", "at most 20"},
      {"interactive", kProducts, "/action/sections",
       numbered(R"({"title":"s","product_items":[{"product_retailer_id":"#"}]})", 10),
       numbered(R"({"title":"s","product_items":[{"product_retailer_id":"#"}]})", 11), ".action.sections",
       "at most 10"},
      {"interactive", kProducts, "/action/sections/0/title", text_of(24), text_of(25), ".action.sections[0].title",
       "at most 24"},
      {"interactive", kProducts, "/action/sections/0/product_items", numbered(R"({"product_retailer_id":"#"})", 30),
       numbered(R"({"product_retailer_id":"#"})", 31), ".action.sections", "at most 30 products in all, has 31"},
      {"interactive", kCarousel, "/action/cards", numbered(kProductCard, 10), numbered(kProductCard, 11),
       ".action.cards", "at most 10, has 11"},
      {"interactive", kCarousel, "/action/cards", numbered(kProductCard, 2), numbered(kProductCard, 1), ".action.cards",
       "at least 2, has 1"},
      {"interactive", kCarousel, "/action/cards/0/card_index", 9, 10, ".action.cards[0].card_index", "from 0 to 9"},
      {"interactive", kCarousel, "/action/cards/0/body/text", text_of(160), text_of(161), ".action.cards[0].body.text",
       "at most 160"},
      {"interactive", kCarousel, "/action/cards/0/body/text", "a\nb\nc", "a\nb\nc\nd", ".action.cards[0].body.text",
       "at most 2 line breaks, has 3"},
      {"interactive", kCarousel, "/action/cards/0/action/buttons/0/quick_reply/title", text_of(20), text_of(21),
       ".action.cards[0].action.buttons[0].quick_reply.title", "at most 20"},
      {"interactive", kCall, "/action/parameters/display_text", text_of(20), text_of(21),
       ".action.parameters.display_text", "at most 20"},
      {"interactive", kCall, "/action/parameters/ttl_minutes", 43200, 43201, ".action.parameters.ttl_minutes",
       "from 1 to 43200"},
      {"interactive", kStatus, "/action/parameters/reference_id", text_of(35), text_of(36),
       ".action.parameters.reference_id", "at most 35"},
      {"interactive", kStatus, "/action/parameters/order/description", text_of(120), text_of(121),
       ".action.parameters.order.description", "at most 120"},
      {"template", kTemplate, "/name", std::string(512, 'a'), std::string(513, 'a'), ".name", "at most 512"},
      {"template", kTemplate, "/components", url_button(9), url_button(10), ".components[0].index", "from 0 to 9"},
      {"template", kTemplate, "/components", copy_code(15), copy_code(16), ".components[0].parameters[0].coupon_code",
       "at most 15"},
      {"template", kTemplate, "/components", header_of(1), header_of(2), ".components[0].parameters",
       "at most 1, has 2"},
      {"template", kTemplate, "/components", carousel_of(10), carousel_of(11), ".components[0].cards",
       "at most 10, has 11"},
      {"template", kTemplate, "/components", carousel_of(2), carousel_of(1), ".components[0].cards",
       "at least 2, has 1"},
  };
}

Json with(const Limit& limit, const Json& value) {
  Json content = limit.base;
  content[Json::json_pointer(limit.pointer)] = value;
  return content;
}

std::string told(const std::expected<SendContent, PartFaults>& read) {
  std::string text;
  for (const auto& fault : read ? PartFaults() : read.error()) text += fault.path + ": " + fault.message + "\n";
  return text;
}

TEST(SendLimits, AtTheLimitItPassesAndBeyondItIsNamed) {
  for (const auto& limit : limits()) {
    SCOPED_TRACE(std::string(limit.type) + limit.pointer + " " + limit.words);
    const auto at = read_send_content(limit.type, with(limit, limit.at), limit.type);
    EXPECT_TRUE(at) << told(at);
    const auto beyond = read_send_content(limit.type, with(limit, limit.beyond), limit.type);
    EXPECT_FALSE(beyond);
    EXPECT_THAT(told(beyond), HasSubstr(std::string(limit.type) + limit.path + ": "));
    EXPECT_THAT(told(beyond), HasSubstr(limit.words));
  }
}

struct Wrong {
  const char* type;
  const char* content;
  const char* path;
};

TEST(SendLimits, WhatIsMissingOrOfAnotherShapeIsNamed) {
  const std::vector<Wrong> wrong{
      {"fax", "{}", "type"},
      {"text", R"("hi")", "c"},
      {"text", R"({"body":" \n "})", "c.body"},
      {"text", R"({"body":5})", "c.body"},
      {"text", R"({"body":null})", "c.body"},
      {"text", R"({"body":"b","preview_url":"yes"})", "c.preview_url"},
      {"image", R"({})", "c.link"},
      {"image", R"({"id":"1","link":"https://example.com"})", "c.id"},
      {"image", R"({"link":"http://example.com/a"})", "c.link"},
      {"image", R"({"link":"https://"})", "c.link"},
      {"image", R"({"id":""})", "c.id"},
      {"image", R"({"id":"1","filename":"a"})", "c.filename"},
      {"image", R"({"id":"1","voice":true})", "c.voice"},
      {"audio", R"({"id":"1","caption":"a"})", "c.caption"},
      {"audio", R"({"id":"1","voice":1})", "c.voice"},
      {"video", R"({"id":"1","filename":"a"})", "c.filename"},
      {"document", R"({"id":"1","voice":true})", "c.voice"},
      {"sticker", R"({"id":"1","caption":"a"})", "c.caption"},
      {"location", R"({"latitude":1})", "c.longitude"},
      {"location", R"({"latitude":"north","longitude":1})", "c.latitude"},
      {"contacts", R"({})", "c"},
      {"contacts", R"([5])", "c[0]"},
      {"contacts", R"([{"name":{}}])", "c[0].name.formatted_name"},
      {"contacts", R"([{"name":{"formatted_name":"A"},"phones":{}}])", "c[0].phones"},
      {"reaction", R"({"emoji":"x"})", "c.message_id"},
      {"reaction", R"({"message_id":"wamid.A"})", "c.emoji"},
      {"pin", R"({"type":"hold","message_id":"wamid.A"})", "c.type"},
      {"pin", R"({"type":"pin","message_id":"wamid.A"})", "c.expiration_days"},
      {"interactive", R"({"type":"poll"})", "c.type"},
      {"interactive", R"({"type":"button","body":{"text":"b"}})", "c.action"},
      {"interactive", R"({"type":"button","action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"t"}}]}})",
       "c.body"},
      {"interactive",
       R"({"type":"button","body":{"text":"b"},"action":{"buttons":[{"reply":{"id":"1","title":"t"}}]}})",
       "c.action.buttons[0].type"},
      {"interactive",
       R"({"type":"button","body":{"text":"b"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"t"}},
          {"type":"reply","reply":{"id":"2","title":"t"}}]}})",
       "c.action.buttons[1].reply.title"},
      {"interactive",
       R"({"type":"button","body":{"text":"b"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"t"}},
          {"type":"reply","reply":{"id":"1","title":"u"}}]}})",
       "c.action.buttons[1].reply.id"},
      {"interactive",
       R"({"type":"list","header":{"type":"image","image":{"id":"1"}},"body":{"text":"b"},
          "action":{"button":"c","sections":[{"rows":[{"id":"1","title":"t"}]}]}})",
       "c.header.type"},
      {"interactive",
       R"({"type":"list","body":{"text":"b"},"action":{"button":"c","sections":[{"rows":[{"id":"1","title":"t"}]},
          {"title":"s","rows":[{"id":"2","title":"t"}]}]}})",
       "c.action.sections[0].title"},
      {"interactive",
       R"({"type":"list","body":{"text":"b"},"action":{"button":"c",
          "sections":[{"rows":[{"id":"1","title":"t"},{"id":"1","title":"t"}]}]}})",
       "c.action.sections[0].rows[1].id"},
      {"interactive",
       R"({"type":"cta_url","body":{"text":"b"},"action":{"name":"cta_url",
          "parameters":{"display_text":"o","url":"example.com"}}})",
       "c.action.parameters.url"},
      {"interactive", R"({"type":"location_request_message","body":{"text":"b"},"action":{"name":"go"}})",
       "c.action.name"},
      {"interactive",
       R"({"type":"flow","body":{"text":"b"},"action":{"name":"flow","parameters":{"flow_message_version":"3",
          "flow_id":"1","flow_name":"n","flow_cta":"c"}}})",
       "c.action.parameters.flow_name"},
      {"interactive",
       R"({"type":"flow","body":{"text":"b"},"action":{"name":"flow","parameters":{"flow_message_version":"3",
          "flow_id":"1","flow_cta":"c","flow_action":"jump"}}})",
       "c.action.parameters.flow_action"},
      {"interactive",
       R"({"type":"flow","body":{"text":"b"},"action":{"name":"flow","parameters":{"flow_message_version":"3",
          "flow_id":"1","flow_cta":"c","mode":"test"}}})",
       "c.action.parameters.mode"},
      {"interactive", R"({"type":"product","header":{"type":"text","text":"h"},
          "action":{"catalog_id":"1","product_retailer_id":"1"}})",
       "c.header"},
      {"interactive", R"({"type":"product","action":{"catalog_id":"1"}})", "c.action.product_retailer_id"},
      {"interactive",
       R"({"type":"product_list","body":{"text":"b"},
          "action":{"catalog_id":"1","sections":[{"product_items":[{"product_retailer_id":"1"}]}]}})",
       "c.header"},
      {"interactive", R"({"type":"catalog_message","body":{"text":"b"},"action":{"name":"cat"}})", "c.action.name"},
      {"interactive",
       R"({"type":"carousel","body":{"text":"b"},"footer":{"text":"f"},"action":{"cards":[
          {"card_index":0,"type":"product","action":{"catalog_id":"1","product_retailer_id":"1"}},
          {"card_index":1,"type":"product","action":{"catalog_id":"1","product_retailer_id":"1"}}]}})",
       "c.footer"},
      {"interactive",
       R"({"type":"carousel","body":{"text":"b"},"action":{"cards":[
          {"card_index":0,"type":"product","action":{"catalog_id":"1","product_retailer_id":"1"}},
          {"card_index":0,"type":"product","action":{"catalog_id":"1","product_retailer_id":"1"}}]}})",
       "c.action.cards[1].card_index"},
      {"interactive",
       R"({"type":"carousel","body":{"text":"b"},"action":{"cards":[
          {"card_index":0,"type":"product","action":{"catalog_id":"1","product_retailer_id":"1"}},
          {"card_index":1,"header":{"type":"image","image":{"id":"1"}},
           "action":{"name":"cta_url","parameters":{"display_text":"o","url":"https://example.com"}}}]}})",
       "c.action.cards[1]"},
      {"interactive", R"({"type":"address_message","body":{"text":"b"},
          "action":{"name":"address_message","parameters":{}}})",
       "c.action.parameters.country"},
      {"interactive", R"({"type":"voice_call","body":{"text":"b"},"action":{}})", "c.action.name"},
      {"interactive", R"({"type":"call_permission_request","action":{"name":"call"}})", "c.action.name"},
      {"interactive", R"({"type":"request_contact_info","body":{"text":"b"},"action":{"name":"call"}})",
       "c.action.name"},
      {"interactive", R"({"type":"order_details","body":{"text":"b"},"action":{"name":"review_and_pay",
          "parameters":{"reference_id":"1","type":"gift","currency":"INR","total_amount":{"value":1,"offset":100},
          "order":{"status":"pending","items":[{"name":"n","amount":{"value":1,"offset":100},"quantity":1}],
          "subtotal":{"value":1,"offset":100}}}}})",
       "c.action.parameters.type"},
      {"interactive", R"({"type":"order_status","body":{"text":"b"},"action":{"name":"review_order",
          "parameters":{"reference_id":"1","order":{"status":"lost"}}}})",
       "c.action.parameters.order.status"},
      {"template", R"({"language":{"code":"en"}})", "c.name"},
      {"template", R"({"name":"Hello","language":{"code":"en"}})", "c.name"},
      {"template", R"({"name":"hi"})", "c.language"},
      {"template", R"({"name":"hi","language":{}})", "c.language"},
      {"template", R"({"name":"hi","language":"en","components":{}})", "c.components"},
      {"template", R"({"name":"hi","language":"en","components":[{"type":"footer"}]})", "c.components[0].type"},
      {"template", R"({"name":"hi","language":"en","components":[{"type":"body"},{"type":"body"}]})",
       "c.components[1].type"},
      {"template", R"({"name":"hi","language":"en","components":[{"type":"body","parameters":[
          {"type":"image","image":{"id":"1"}}]}]})",
       "c.components[0].parameters[0].type"},
      {"template", R"({"name":"hi","language":"en","components":[{"type":"body","parameters":[
          {"type":"text","text":""}]}]})",
       "c.components[0].parameters[0].text"},
      {"template", R"({"name":"hi","language":"en","components":[{"type":"body","parameters":[
          {"type":"text","text":"a","parameter_name":"first_name"},{"type":"text","text":"b"}]}]})",
       "c.components[0].parameters[1].parameter_name"},
      {"template", R"({"name":"hi","language":"en","components":[{"type":"body","parameters":[
          {"type":"text","text":"a","parameter_name":"First"}]}]})",
       "c.components[0].parameters[0].parameter_name"},
      {"template", R"({"name":"hi","language":"en","components":[{"type":"body","parameters":[
          {"type":"currency","currency":{"code":"EUR","amount_1000":1}}]}]})",
       "c.components[0].parameters[0].currency.fallback_value"},
      {"template", R"({"name":"hi","language":"en","components":[{"type":"button","sub_type":"url","parameters":[
          {"type":"text","text":"a"}]}]})",
       "c.components[0].index"},
      {"template", R"({"name":"hi","language":"en","components":[{"type":"button","sub_type":"fax","index":0}]})",
       "c.components[0].sub_type"},
      {"template", R"({"name":"hi","language":"en","components":[{"type":"button","sub_type":"url","index":0,
          "parameters":[{"type":"payload","payload":"a"}]}]})",
       "c.components[0].parameters[0].type"},
      {"template", R"({"name":"hi","language":"en","components":[{"type":"limited_time_offer","parameters":[
          {"type":"limited_time_offer","limited_time_offer":{}}]}]})",
       "c.components[0].parameters[0].limited_time_offer.expiration_time_ms"},
      {"template", R"({"name":"hi","language":"en","components":[{"type":"carousel","cards":[
          {"card_index":0,"components":[{"type":"body"}]},{"card_index":1}]}]})",
       "c.components[0].cards[1].components"},
  };
  for (const auto& [type, content, path] : wrong) {
    SCOPED_TRACE(std::string(type) + " " + content);
    const auto read = read_send_content(type, parsed(content), "c");
    ASSERT_FALSE(read);
    ASSERT_EQ(read.error().size(), 1U) << told(read);
    EXPECT_EQ(read.error()[0].path, path);
    EXPECT_FALSE(read.error()[0].message.empty());
  }
}

TEST(SendLimits, EveryFaultIsToldAtOnce) {
  const auto read =
      read_send_content("interactive", parsed(R"({"type":"button","header":{"type":"gif"},"body":{"text":""},
      "action":{"buttons":[{"type":"reply","reply":{"title":"a title of 26 characters.."}}]}})"),
                        "interactive");
  EXPECT_EQ(told(read),
            "interactive.header.type: must be text, image, video or document\n"
            "interactive.body.text: at least 1 character, has 0\n"
            "interactive.action.buttons[0].reply.id: is missing\n"
            "interactive.action.buttons[0].reply.title: at most 20 characters, has 26\n");
}

TEST(SendLimits, AListOfNothingButFaultsIsNotToldWhole) {
  const auto read = read_send_content("contacts", repeated(1, 20'000), "contacts");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().size(), kMostFaults);
}

TEST(SendLimits, MembersThatNoRuleAsksForAreKept) {
  const Json content = parsed(R"({"body":"b","new_member":{"a":[1]}})");
  EXPECT_EQ(read_send_content("text", content, "")->content, content);
}

TEST(SendPreview, IsWhatAPersonReads) {
  EXPECT_EQ(preview_of("text", {{"body", "Hi"}}), "Hi");
  EXPECT_EQ(preview_of("image", {{"caption", "Look"}}), "Look");
  EXPECT_EQ(preview_of("template", {{"name", "hi"}}), "hi");
  EXPECT_EQ(preview_of("interactive", {{"body", {{"text", "Choose"}}}}), "Choose");
  EXPECT_EQ(preview_of("reaction", {{"emoji", "👍"}}), "👍");
  EXPECT_EQ(preview_of("location", {{"latitude", 1}, {"longitude", 2}, {"name", "Shop"}}), "Shop");
  EXPECT_EQ(preview_of("contacts", parsed(R"([{"name":{"formatted_name":"Ann"}},{"name":{"formatted_name":"Bob"}}])")),
            "Ann, Bob");
  EXPECT_FALSE(preview_of("sticker", {{"id", "1"}}));
}

}  // namespace
}  // namespace waypost
