#include "sandbox/payloads.h"

#include <gtest/gtest.h>

namespace waypost::sandbox {
namespace {

Number a_number() {
  Number number;
  number.phone_number_id = "106";
  number.display_phone_number = "15550783881";
  number.waba_id = "102";
  return number;
}

Customer a_customer() {
  Customer customer;
  customer.key = customer.phone = "16505551234";
  customer.user_id = "US.1349";
  customer.name = "Ana";
  return customer;
}

Inbound a_message() {
  Inbound message;
  message.wamid = "wamid.A";
  message.type = "text";
  message.at = from_millis(1'760'000'000'999);
  return message;
}

Outbound a_send() {
  Outbound message;
  message.wamid = "wamid.B";
  message.callback_data = "m-1.1";
  return message;
}

Json value_of(const Json& payload) { return payload["entry"][0]["changes"][0]["value"]; }

TEST(Payloads, BytesBeyondAsciiAreEscapedInLowerCaseHex) {
  EXPECT_EQ(meta_text({{"body", "Grüße 😀 a/b"}}), R"({"body":"Gr\u00fc\u00dfe \ud83d\ude00 a\/b"})");
}

// RFC 4231, test case 2.
TEST(Payloads, TheSignatureIsHmacSha256InHex) {
  EXPECT_EQ(signature_of(Secret("Jefe"), "what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Payloads, AMessageHasTheShapeOfMetasWebhook) {
  Writing writing;
  writing.content = {{"body", "hi"}};
  const auto payload = message_webhook(a_number(), a_customer(), a_message(), writing);
  EXPECT_EQ(payload, Json::parse(R"({"object":"whatsapp_business_account","entry":[{"id":"102","changes":[{
    "field":"messages","value":{"messaging_product":"whatsapp",
    "metadata":{"display_phone_number":"15550783881","phone_number_id":"106"},
    "contacts":[{"profile":{"name":"Ana"},"wa_id":"16505551234","user_id":"US.1349"}],
    "messages":[{"id":"wamid.A","timestamp":"1760000000","type":"text","text":{"body":"hi"},
                 "from":"16505551234","from_user_id":"US.1349"}]}}]}]})"));
}

TEST(Payloads, APhoneThatIsNotSharedIsAbsent) {
  auto customer = a_customer();
  customer.shares_phone = false;
  const auto value = value_of(message_webhook(a_number(), customer, a_message(), {}));
  EXPECT_FALSE(value["contacts"][0].contains("wa_id"));
  EXPECT_FALSE(value["messages"][0].contains("from"));
  EXPECT_EQ(value["messages"][0]["from_user_id"], "US.1349");
}

TEST(Payloads, ASystemMessageComesWithoutContacts) {
  auto message = a_message();
  message.type = "system";
  EXPECT_FALSE(value_of(message_webhook(a_number(), a_customer(), message, {})).contains("contacts"));
}

TEST(Payloads, AStatusEchoesTheCallbackDataAndNamesBothRecipientIds) {
  const auto value =
      value_of(status_webhook(a_number(), a_customer(), a_send(), {Status::Sent, from_millis(1'760'000'000'000)}));
  EXPECT_EQ(value["statuses"], Json::parse(R"([{"id":"wamid.B","status":"sent","timestamp":"1760000000",
    "recipient_id":"16505551234","recipient_user_id":"US.1349","biz_opaque_callback_data":"m-1.1",
    "pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"service"}}])"));
  EXPECT_EQ(value["contacts"][0]["user_id"], "US.1349");
}

TEST(Payloads, PricingComesOnSentAndDeliveredOnly) {
  const auto read = value_of(status_webhook(a_number(), a_customer(), a_send(), {Status::Read, Time()}));
  EXPECT_FALSE(read["statuses"][0].contains("pricing"));
}

TEST(Payloads, AFailedStatusHasErrorsAndNoContacts) {
  auto message = a_send();
  message.failure = GraphError{.code = 131047, .details = "late"};
  const auto value = value_of(status_webhook(a_number(), a_customer(), message, {Status::Failed, Time()}));
  EXPECT_FALSE(value.contains("contacts"));
  EXPECT_FALSE(value["statuses"][0].contains("recipient_user_id"));
  EXPECT_EQ(value["statuses"][0]["recipient_id"], "16505551234");
  EXPECT_EQ(value["statuses"][0]["errors"][0]["code"], 131047);
  EXPECT_EQ(value["statuses"][0]["errors"][0]["error_data"]["details"], "late");
}

TEST(Payloads, AFailedStatusOfAMessageToAUserIdNamesNoPhone) {
  auto message = a_send();
  message.to_user_id = true;
  const auto value = value_of(status_webhook(a_number(), a_customer(), message, {Status::Failed, Time()}));
  EXPECT_FALSE(value["statuses"][0].contains("recipient_id"));
  EXPECT_EQ(value["statuses"][0]["recipient_user_id"], "US.1349");
}

TEST(Payloads, ATemplateUpdateHasNumbersWhereMetaHasThem) {
  Template form{.id = "594425479261596", .waba_id = "102", .name = "offer", .language = "en_US"};
  const auto payload = template_webhook(form, from_millis(1'739'321'024'000));
  EXPECT_EQ(payload["entry"][0]["time"], 1'739'321'024);
  EXPECT_EQ(value_of(payload)["message_template_id"], 594'425'479'261'596);
  EXPECT_EQ(payload["entry"][0]["changes"][0]["field"], "message_template_status_update");
}

}  // namespace
}  // namespace waypost::sandbox
