#include "webhook/payload.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "conversation/account_news.h"
#include "conversation/message_kind.h"
#include "conversation/meta_time.h"
#include "webhook/chat_fields.h"
#include "webhook/tamed.h"

namespace waypost {
namespace {

Json envelope(const UpdateOrigin& origin, std::string_view field, Json value) {
  if (!origin.phone_number_id.empty() && value.is_object() && !value.contains("metadata")) {
    value["metadata"] = {{"phone_number_id", origin.phone_number_id}};
  }
  Json change{{"field", field}, {"value", std::move(value)}};
  Json entry{{"id", origin.waba_id}, {"changes", Json::array({std::move(change)})}};
  return {{"object", "whatsapp_business_account"}, {"entry", Json::array({std::move(entry)})}};
}

std::string id_of(const Json& json) { return text_or_empty(json, "id"); }

// Handovers name the number as the recipient.
std::string phone_number_id_of(const Json& value) {
  for (const std::string_view key : {"metadata", "recipient"}) {
    const Json* number = find_object(value, key);
    if (!number) continue;
    if (auto text = find_text(*number, "phone_number_id")) return *std::move(text);
    if (const auto id = find_integer(*number, "phone_number_id")) return std::to_string(*id);
  }
  return {};
}

void read_change(UpdateOrigin origin, Json& json, Payload& payload) {
  const auto field = find_text(json, "field");
  const auto found = json.is_object() ? json.find("value") : json.end();
  if (!field || found == json.end()) {
    payload.malformed.push_back(malformed(std::move(origin), "a change without field or value", json));
    return;
  }
  Json& value = *found;
  origin.phone_number_id = phone_number_id_of(value);
  Change change{.origin = std::move(origin), .field = *field};
  const bool is_of_number = value.is_object() && !change.origin.phone_number_id.empty();
  if (is_of_number && brings_messages(change.field)) return read_chat_field(change, value, payload);
  if (change.field == "messages") {
    payload.malformed.push_back(malformed(change.origin, "messages without metadata.phone_number_id", json));
    return;
  }
  change.origin.waba_id = account_of_news(change.origin.waba_id, value);
  payload.others.push_back({.origin = change.origin, .field = change.field, .value = std::move(value)});
}

// Account fields carry their time in the entry.
void stamp_others(Payload& payload, std::size_t first, std::optional<Time> time) {
  for (std::size_t other = first; other < payload.others.size(); ++other) payload.others[other].time = time;
}

void read_entry(std::size_t index, Json& json, Payload& payload) {
  const std::size_t first_other = payload.others.size();
  UpdateOrigin origin{.place = fmt::format("entry[{}]", index), .waba_id = id_of(json)};
  const auto found = json.is_object() ? json.find("changes") : json.end();
  if (found == json.end() || !found->is_array()) {
    payload.malformed.push_back(malformed(std::move(origin), "an entry without a list of changes", json));
    return;
  }
  for (std::size_t change = 0; change < found->size(); ++change) {
    UpdateOrigin inner = origin;
    inner.place += fmt::format(".changes[{}]", change);
    read_change(std::move(inner), (*found)[change], payload);
  }
  stamp_others(payload, first_other, meta_time(json, "time"));
}

Payload whole_body(store::DeadReason reason, std::string words, std::string_view body) {
  Payload payload;
  payload.malformed.push_back({.reason = reason, .words = std::move(words), .raw = std::string(body)});
  return payload;
}

}  // namespace

Payload read_payload(std::string_view body) {
  auto json = parse_json(body);
  if (!json) {
    if (auto again = parse_json(tamed(body))) json = std::move(again);
  }
  if (!json) return whole_body(store::DeadReason::NotJson, json.error().words(), body);
  const auto found = json->is_object() ? json->find("entry") : json->end();
  if (found == json->end() || !found->is_array()) {
    return whole_body(store::DeadReason::WrongShape, "no list of entries", body);
  }
  Payload payload;
  for (std::size_t index = 0; index < found->size(); ++index) read_entry(index, (*found)[index], payload);
  return payload;
}

std::string slice_of(const MessageUpdate& update) {
  Json messages = Json::array({Json::parse(update.inbound.message.prepared.content)});
  drop_answers(messages.front());
  Json value = Json::object();
  if (update.thread.is_object()) {
    // By its number the business's own messages are told from the customer's.
    if (update.inbound.message.outbound) {
      value["metadata"] = {{"phone_number_id", update.origin.phone_number_id},
                           {"display_phone_number", text_or_empty(messages.front(), "from")}};
    }
    Json thread = update.thread;
    thread["messages"] = std::move(messages);
    value["history"] = Json::array({{{"threads", Json::array({std::move(thread)})}}});
  } else {
    value[update.list] = std::move(messages);
  }
  if (!update.contact.is_null()) value["contacts"] = Json::array({update.contact});
  return dump(envelope(update.origin, update.field, std::move(value)));
}

std::string slice_of(const StatusUpdate& update) {
  return dump(envelope(update.origin, "messages", {{"statuses", Json::array({update.status.content})}}));
}

std::string slice_of(const OtherUpdate& update) {
  Json whole = envelope(update.origin, update.field, update.value);
  if (update.time) whole["entry"][0]["time"] = to_millis(*update.time) / 1000;
  return dump(whole);
}

}  // namespace waypost
