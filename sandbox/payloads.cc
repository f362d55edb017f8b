#include "sandbox/payloads.h"

#include <charconv>

#include "base/crypto.h"

namespace waypost::sandbox {
namespace {

std::int64_t unix_seconds(Time at) { return to_millis(at) / 1000; }
std::string unix_text(Time at) { return std::to_string(unix_seconds(at)); }

Json envelope(std::string_view waba_id, std::string_view field, Json value) {
  Json change = {{"value", std::move(value)}, {"field", field}};
  Json entry = {{"id", waba_id}, {"changes", Json::array({std::move(change)})}};
  return {{"object", "whatsapp_business_account"}, {"entry", Json::array({std::move(entry)})}};
}

Json value_of(const Number& number) {
  return {{"messaging_product", "whatsapp"},
          {"metadata",
           {{"display_phone_number", number.display_phone_number}, {"phone_number_id", number.phone_number_id}}}};
}

Json contact_of(const Customer& customer, bool with_phone) {
  Json contact = {{"user_id", customer.user_id}};
  if (with_phone) contact["wa_id"] = customer.phone;
  return contact;
}

Json message_of(const Customer& customer, const Inbound& message, const Writing& writing) {
  Json json = {{"id", message.wamid},
               {"timestamp", unix_text(message.at)},
               {"type", message.type},
               {"from_user_id", customer.user_id}};
  if (customer.shares_phone) json["from"] = customer.phone;
  if (!writing.context.is_null()) json["context"] = writing.context;
  // request_welcome and some unsupported messages carry no object of their own.
  if (!writing.content.empty()) json[message.type] = writing.content;
  if (writing.overrides.is_object()) json.merge_patch(writing.overrides);
  return json;
}

Json pricing_of(const Outbound& message) {
  return {{"billable", true}, {"pricing_model", "PMP"}, {"type", "regular"}, {"category", message.category}};
}

bool names_phone(const Customer& customer, const Outbound& message) {
  return !customer.phone.empty() && (!message.to_user_id || customer.shares_phone);
}

Json failed_status(Json status, const Customer& customer, const Outbound& message) {
  if (message.to_user_id) status["recipient_user_id"] = customer.user_id;
  status["errors"] = Json::array({status_error(message.failure.value_or(GraphError{.code = 131000}))});
  return status;
}

Json status_of(const Customer& customer, const Outbound& message, const StatusNote& note) {
  Json status = {{"id", message.wamid}, {"status", name_of(note.status)}, {"timestamp", unix_text(note.at)}};
  if (!message.callback_data.empty()) status["biz_opaque_callback_data"] = message.callback_data;
  if (note.status == Status::Failed) {
    if (!message.to_user_id) status["recipient_id"] = customer.phone;
    return failed_status(std::move(status), customer, message);
  }
  if (names_phone(customer, message)) status["recipient_id"] = customer.phone;
  status["recipient_user_id"] = customer.user_id;
  if (note.status != Status::Read) status["pricing"] = pricing_of(message);
  return status;
}

}  // namespace

std::string meta_text(const Json& json) {
  const auto ascii = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string text;
  text.reserve(ascii.size() + 16);
  for (const char c : ascii) {
    if (c == '/') text.push_back('\\');
    text.push_back(c);
  }
  return text;
}

std::string signature_of(const Secret& app_secret, std::string_view body) {
  return "sha256=" + hex(hmac_sha256(app_secret, body));
}

Json message_webhook(const Number& number, const Customer& customer, const Inbound& message, const Writing& writing) {
  Json value = value_of(number);
  if (message.type != "system") {
    Json contact = contact_of(customer, customer.shares_phone);
    contact["profile"] = Json::object();
    if (!customer.name.empty()) contact["profile"]["name"] = customer.name;
    if (!customer.username.empty()) contact["profile"]["username"] = customer.username;
    value["contacts"] = Json::array({std::move(contact)});
  }
  value["messages"] = Json::array({message_of(customer, message, writing)});
  return envelope(number.waba_id, "messages", std::move(value));
}

Json status_webhook(const Number& number, const Customer& customer, const Outbound& message, const StatusNote& note) {
  Json value = value_of(number);
  if (note.status != Status::Failed) {
    Json contact = contact_of(customer, names_phone(customer, message));
    const bool tells_username = note.status != Status::Sent && !customer.username.empty();
    if (tells_username) contact["profile"] = {{"username", customer.username}};
    value["contacts"] = Json::array({std::move(contact)});
  }
  value["statuses"] = Json::array({status_of(customer, message, note)});
  return envelope(number.waba_id, "messages", std::move(value));
}

Json template_webhook(const Template& form, Time at) {
  std::int64_t id = 0;
  std::from_chars(form.id.data(), form.id.data() + form.id.size(), id);
  Json payload = envelope(form.waba_id, "message_template_status_update",
                          {{"event", form.status},
                           {"message_template_id", id},
                           {"message_template_name", form.name},
                           {"message_template_language", form.language},
                           {"message_template_category", form.category},
                           {"reason", form.status == "REJECTED" ? Json("INVALID_FORMAT") : Json("NONE")}});
  payload["entry"][0]["time"] = unix_seconds(at);
  return payload;
}

}  // namespace waypost::sandbox
