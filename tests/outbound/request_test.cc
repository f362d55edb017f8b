#include "outbound/request.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

const MessageId kId = *MessageId::parse("01980000-0000-7000-8000-000000000001");

store::Message message(const char* type, const char* content) {
  store::Message row{.id = kId, .type = type, .content = Json::parse(content)};
  row.attempt = 2;
  return row;
}
store::Contact by_phone() {
  store::Contact contact;
  contact.phone = "491701234567";
  contact.user_id = "DE.1349";
  return contact;
}
store::Contact by_user_id() {
  store::Contact contact;
  contact.user_id = "DE.1349";
  return contact;
}

TEST(Request, ATextGoesToThePhoneWithAPlus) {
  EXPECT_EQ(message_request(message("text", R"({"body":"hi","preview_url":true})"), by_phone()), Json::parse(R"({
      "messaging_product":"whatsapp","recipient_type":"individual","to":"+491701234567","type":"text",
      "text":{"body":"hi","preview_url":true},
      "biz_opaque_callback_data":"wp1:01980000-0000-7000-8000-000000000001:2"})"));
}

TEST(Request, ACustomerWithoutAPhoneIsReachedByUserId) {
  const auto request = message_request(message("text", R"({"body":"hi"})"), by_user_id());
  EXPECT_EQ(request["recipient"], "DE.1349");
  EXPECT_FALSE(request.contains("to"));
}

TEST(Request, AReplyNamesWhatItAnswers) {
  auto row = message("text", R"({"body":"hi"})");
  row.reply_to = "wamid.Q";
  EXPECT_EQ(message_request(row, by_phone())["context"], Json::parse(R"({"message_id":"wamid.Q"})"));
}

TEST(Request, ATemplateAndAnInteractivePassAsTheyAre) {
  const char* part = R"({"name":"order","language":{"code":"en_US"},"components":[]})";
  const auto request = message_request(message("template", part), by_phone());
  EXPECT_EQ(request["type"], "template");
  EXPECT_EQ(request["template"], Json::parse(part));
  const char* buttons = R"({"type":"button","body":{"text":"?"},"action":{"buttons":[]}})";
  EXPECT_EQ(message_request(message("interactive", buttons), by_phone())["interactive"], Json::parse(buttons));
}

TEST(Request, ATextKnownOnlyByItsPlainRenderingIsSentAsThat) {
  auto row = message("text", "{}");
  row.text = "plain";
  EXPECT_EQ(message_request(row, by_phone())["text"], Json::parse(R"({"body":"plain"})"));
}

}  // namespace
}  // namespace waypost
