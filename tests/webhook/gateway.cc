#include "tests/webhook/gateway.h"

namespace waypost::test {

Json message_json(const Text& text) {
  Json message{
      {"id", text.id}, {"timestamp", std::to_string(text.at)}, {"type", "text"}, {"text", {{"body", text.body}}}};
  if (!text.from.empty()) message["from"] = text.from;
  if (!text.user_id.empty()) message["from_user_id"] = text.user_id;
  return message;
}

std::string envelope_of(const Json& value, const std::string& number) {
  Json whole = value;
  whole["messaging_product"] = "whatsapp";
  whole["metadata"] = {{"display_phone_number", "15550783881"}, {"phone_number_id", number}};
  Json change{{"field", "messages"}, {"value", std::move(whole)}};
  Json entry{{"id", kWaba}, {"changes", Json::array({std::move(change)})}};
  return dump({{"object", "whatsapp_business_account"}, {"entry", Json::array({std::move(entry)})}});
}

std::string body_of(const Text& text) {
  Json contact{{"profile", {{"name", "Ann"}}}};
  if (!text.from.empty()) contact["wa_id"] = text.from;
  if (!text.user_id.empty()) contact["user_id"] = text.user_id;
  return envelope_of({{"contacts", Json::array({contact})}, {"messages", Json::array({message_json(text)})}},
                     text.number);
}

std::string body_of(const Word& word) {
  Json status{{"id", word.id}, {"status", word.status}, {"timestamp", std::to_string(word.at)}};
  if (!word.ours.empty()) status["biz_opaque_callback_data"] = word.ours;
  if (word.status == "failed") {
    status["errors"] = Json::array({{{"code", word.error}, {"title", "words"}}});
  }
  return envelope_of({{"statuses", Json::array({status})}});
}

}  // namespace waypost::test
