#include "sandbox/send_request.h"

#include <gtest/gtest.h>

namespace waypost::sandbox {
namespace {

constexpr std::string_view kBusiness = "4915550783881";

Json a_text(const Json& changes = Json::object()) {
  Json body = {{"messaging_product", "whatsapp"}, {"to", "+16505551234"}, {"type", "text"}, {"text", {{"body", "hi"}}}};
  body.merge_patch(changes);
  return body;
}

int refusal_of(const Json& body) {
  const auto read = read_send(body, kBusiness);
  return read ? 0 : read.error().code;
}

Json buttons(int count, const std::string& title = "Yes") {
  Json all = Json::array();
  for (int i = 0; i < count; ++i) {
    all.push_back({{"type", "reply"}, {"reply", {{"id", std::to_string(i)}, {"title", title + std::to_string(i)}}}});
  }
  return a_text({{"type", "interactive"},
                 {"text", nullptr},
                 {"interactive", {{"type", "button"}, {"body", {{"text", "?"}}}, {"action", {{"buttons", all}}}}}});
}

TEST(SendRequest, ATextIsRead) {
  const auto send =
      read_send(a_text({{"biz_opaque_callback_data", "m-1"}, {"context", {{"message_id", "w"}}}}), kBusiness);
  ASSERT_TRUE(send);
  EXPECT_EQ(send->address, "16505551234");
  EXPECT_EQ(send->input, "+16505551234");
  EXPECT_EQ(send->text, "hi");
  EXPECT_EQ(send->callback_data, "m-1");
  EXPECT_EQ(send->reply_to, "w");
}

// Meta's page: without "+" the business number's country code is put in front.
TEST(SendRequest, ANumberWithoutPlusGoesToTheBusinesssOwnCountry) {
  EXPECT_EQ(read_send(a_text({{"to", "171 234-567"}}), kBusiness)->address, "49171234567");
}

TEST(SendRequest, AUserIdIsARecipient) {
  const auto send = read_send(a_text({{"to", nullptr}, {"recipient", "US.1349"}}), kBusiness);
  ASSERT_TRUE(send);
  EXPECT_TRUE(send->to_user_id);
  EXPECT_EQ(send->address, "US.1349");
}

TEST(SendRequest, ToWinsOverRecipient) {
  EXPECT_FALSE(read_send(a_text({{"recipient", "US.1349"}}), kBusiness)->to_user_id);
}

TEST(SendRequest, WhatIsMissingIsNamedByMetasCode) {
  EXPECT_EQ(refusal_of(a_text({{"messaging_product", nullptr}})), 100);
  EXPECT_EQ(refusal_of(a_text({{"to", nullptr}})), 100);
  EXPECT_EQ(refusal_of(a_text({{"text", {{"body", ""}}}})), 131008);
  EXPECT_EQ(refusal_of(a_text({{"to", "+12"}})), 131009);
  EXPECT_EQ(refusal_of(a_text({{"to", "+4915550783881"}})), 131021);
  EXPECT_EQ(refusal_of(a_text({{"type", "poll"}})), 100);
  EXPECT_EQ(refusal_of(a_text({{"type", "image"}, {"image", Json::object()}})), 131008);
  EXPECT_EQ(refusal_of(a_text({{"type", "template"}, {"template", {{"name", "a"}}}})), 131008);
}

TEST(SendRequest, LimitsCountCharactersNotBytes) {
  std::string longest;
  for (int i = 0; i < 4096; ++i) longest += "ü";
  EXPECT_EQ(refusal_of(a_text({{"text", {{"body", longest}}}})), 0);
  EXPECT_EQ(refusal_of(a_text({{"text", {{"body", longest + "x"}}}})), 100);
  EXPECT_EQ(refusal_of(a_text({{"biz_opaque_callback_data", std::string(513, 'x')}})), 100);
}

TEST(SendRequest, ThreeButtonsPassAndFourDoNot) {
  EXPECT_EQ(refusal_of(buttons(3)), 0);
  EXPECT_EQ(refusal_of(buttons(4)), 131009);
  EXPECT_EQ(refusal_of(buttons(1, std::string(20, 'x'))), 131009);
}

TEST(SendRequest, ListsHoldTenRowsInAll) {
  Json rows = Json::array();
  for (int i = 0; i < 11; ++i) rows.push_back({{"id", std::to_string(i)}, {"title", "row"}});
  const Json action = {{"button", "Choose"}, {"sections", Json::array({{{"title", "s"}, {"rows", rows}}})}};
  const Json list = {{"type", "list"}, {"body", {{"text", "?"}}}, {"action", action}};
  EXPECT_EQ(refusal_of(a_text({{"type", "interactive"}, {"interactive", list}})), 131009);
}

TEST(SendRequest, MarkAsReadAndTypingAreNoMessages) {
  const auto mark = read_send({{"messaging_product", "whatsapp"},
                               {"status", "read"},
                               {"message_id", "wamid.A"},
                               {"typing_indicator", {{"type", "text"}}}},
                              kBusiness);
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->marked_wamid, "wamid.A");
  EXPECT_TRUE(mark->typing);
}

}  // namespace
}  // namespace waypost::sandbox
