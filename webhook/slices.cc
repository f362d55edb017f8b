#include "webhook/slices.h"

#include <utility>

#include "conversation/message_kind.h"

namespace waypost {

Json envelope_of_entry(Json entry) {
  return {{"object", "whatsapp_business_account"}, {"entry", Json::array({std::move(entry)})}};
}

Json envelope(const UpdateOrigin& origin, std::string_view field, Json value) {
  if (!origin.phone_number_id.empty() && value.is_object()) {
    Json& metadata = value["metadata"];
    if (metadata.is_null()) metadata = Json::object();
    if (metadata.is_object() && !metadata.contains("phone_number_id"))
      metadata["phone_number_id"] = origin.phone_number_id;
  }
  Json change{{"field", field}, {"value", std::move(value)}};
  return envelope_of_entry({{"id", origin.waba_id}, {"changes", Json::array({std::move(change)})}});
}

Malformed malformed(UpdateOrigin origin, std::string_view words, const Json& whole) {
  return {.origin = std::move(origin), .words = std::string(words), .raw = dump(whole)};
}

Json value_around(Json message, const MessageFrame& frame) {
  Json value = Json::object();
  Json messages = Json::array({std::move(message)});
  if (frame.thread) {
    Json thread = *frame.thread;
    thread["messages"] = std::move(messages);
    value["history"] = Json::array({{{"threads", Json::array({std::move(thread)})}}});
    if (!frame.business_digits.empty()) value["metadata"] = {{"display_phone_number", frame.business_digits}};
  } else {
    value[std::string(frame.list)] = std::move(messages);
  }
  if (frame.contact) value["contacts"] = Json::array({*frame.contact});
  return value;
}

std::string slice_of(const MessageUpdate& update) {
  auto message = Json::parse(update.inbound.message.prepared.content);
  drop_answers(message);
  const bool is_past = update.thread.is_object();
  MessageFrame frame{.list = update.list,
                     .contact = update.contact.is_null() ? nullptr : &update.contact,
                     .thread = is_past ? &update.thread : nullptr};
  if (is_past && update.inbound.message.outbound) frame.business_digits = phone_digits(text_or_empty(message, "from"));
  return dump(envelope(update.origin, update.field, value_around(std::move(message), frame)));
}

std::string slice_of(const StatusUpdate& update) {
  return dump(envelope(update.origin, "messages", {{"statuses", Json::array({update.status.content})}}));
}

std::string slice_of(const std::vector<StatusUpdate>& updates) {
  Json entries = Json::array();
  for (const auto& update : updates) {
    auto whole = envelope(update.origin, "messages", {{"statuses", Json::array({update.status.content})}});
    entries.push_back(std::move(whole["entry"][0]));
  }
  return dump({{"object", "whatsapp_business_account"}, {"entry", std::move(entries)}});
}

std::string slice_of(const OtherUpdate& update) {
  Json whole = envelope(update.origin, update.field, update.value);
  if (update.time) whole["entry"][0]["time"] = to_millis(*update.time) / 1000;
  return dump(whole);
}

}  // namespace waypost
