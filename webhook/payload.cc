#include "webhook/payload.h"

#include <fmt/format.h>

#include <utility>

#include "conversation/account_news.h"
#include "conversation/message_kind.h"
#include "conversation/meta_time.h"
#include "conversation/opt_out.h"

namespace waypost {
namespace {

constexpr std::string_view kNotAnObject = "not an object";

// What the updates of one change share.
struct Change {
  UpdateOrigin origin{};
  std::string field{};
  Json* contacts = nullptr;
};

UpdateOrigin at(const UpdateOrigin& change, std::string_view list, std::size_t index) {
  UpdateOrigin origin = change;
  origin.place += fmt::format(".value.{}[{}]", list, index);
  return origin;
}

Json envelope(const UpdateOrigin& origin, std::string_view field, Json value) {
  if (!origin.phone_number_id.empty() && value.is_object() && !value.contains("metadata")) {
    value["metadata"] = {{"phone_number_id", origin.phone_number_id}};
  }
  Json change{{"field", field}, {"value", std::move(value)}};
  Json entry{{"id", origin.waba_id}, {"changes", Json::array({std::move(change)})}};
  return {{"object", "whatsapp_business_account"}, {"entry", Json::array({std::move(entry)})}};
}

Malformed malformed(UpdateOrigin origin, std::string_view words, const Json& part) {
  return {.origin = std::move(origin), .words = std::string(words), .raw = dump(part)};
}

std::optional<Time> time_of(const Json& json) { return meta_time(json, "timestamp"); }

std::string id_of(const Json& json) { return text_or_empty(json, "id"); }

// Why a message cannot be kept; nothing when it can. A wrong payload below its type does not matter: it is kept whole.
std::optional<std::string_view> fault_of_message(const Json& message) {
  if (!message.is_object()) return kNotAnObject;
  if (id_of(message).empty()) return "a message without id";
  if (!time_of(message)) return "a message without a readable timestamp";
  return std::nullopt;
}

std::optional<std::string> reply_target(const Json& message) {
  const Json* context = find_object(message, "context");
  return context ? find_text(*context, "id") : std::nullopt;
}

void read_message(const Change& change, UpdateOrigin origin, Json& json, Payload& payload) {
  if (const auto fault = fault_of_message(json)) {
    payload.malformed.push_back(malformed(std::move(origin), *fault, json));
    return;
  }
  const Json* entry = contact_entry_of(change.contacts, json);
  store::Inbound inbound{.phone_number_id = origin.phone_number_id,
                         .sender = sender_of(json, entry),
                         .change = identity_change_of(json),
                         .mark = mark_of(json),
                         .is_referred = find_object(json, "referral") != nullptr,
                         .spoken = spoken_words(json),
                         .message = {.type = kind_of(json),
                                     .text = plain_text(json),
                                     .wamid = id_of(json),
                                     .happened_at = *time_of(json),
                                     .reply_to = reply_target(json)}};
  if (inbound.sender.is_nobody() && !inbound.change) {
    payload.malformed.push_back(malformed(std::move(origin), "a message without a sender", json));
    return;
  }
  inbound.message.prepared = {.content = dump(json), .own = store::own_text(inbound.message)};
  payload.messages.push_back(
      {.origin = std::move(origin), .inbound = std::move(inbound), .contact = entry ? *entry : Json()});
}

std::optional<std::string_view> fault_of_status(const Json& status) {
  if (!status.is_object()) return kNotAnObject;
  if (id_of(status).empty()) return "a status without id";
  if (text_or_empty(status, "status").empty()) return "a status without its word";
  if (!time_of(status)) return "a status without a readable timestamp";
  return std::nullopt;
}

store::Status status_of(Json& json, MetaWord word) {
  const auto ours = find_text(json, "biz_opaque_callback_data");
  store::Status status{.wamid = id_of(json),
                       .word = word,
                       .at = *time_of(json),
                       .ours = ours ? parse_callback_data(*ours) : std::nullopt};
  if (word == MetaWord::Failed) status.failure = store::failure_of(json);
  status.content = std::move(json);
  return status;
}

void read_status(const Change& change, UpdateOrigin origin, Json& json, Payload& payload) {
  if (const auto fault = fault_of_status(json)) {
    payload.malformed.push_back(malformed(std::move(origin), *fault, json));
    return;
  }
  const auto word = meta_word(text_or_empty(json, "status"));
  if (!word) {
    payload.others.push_back(
        {.origin = std::move(origin), .field = change.field, .value = {{"statuses", Json::array({std::move(json)})}}});
    return;
  }
  payload.statuses.push_back({.origin = std::move(origin), .status = status_of(json, *word)});
}

// In a group the conversation is the group's, which is no contact's: kept raw.
bool is_of_group(const Json& message) { return find(message, "group_id") != nullptr; }

void read_messages(const Change& change, Json& list, Payload& payload) {
  for (std::size_t index = 0; index < list.size(); ++index) {
    Json& json = list[index];
    UpdateOrigin origin = at(change.origin, "messages", index);
    if (is_of_group(json)) {
      payload.others.push_back({.origin = std::move(origin),
                                .field = change.field,
                                .value = {{"messages", Json::array({std::move(json)})}}});
      continue;
    }
    read_message(change, std::move(origin), json, payload);
  }
}

void read_statuses(const Change& change, Json& list, Payload& payload) {
  for (std::size_t index = 0; index < list.size(); ++index) {
    read_status(change, at(change.origin, "statuses", index), list[index], payload);
  }
}

using ReadList = void (*)(const Change&, Json&, Payload&);

// Takes the list out of the value; what is no list is malformed and leaves the rest alone.
void read_list(const Change& change, Json& value, std::pair<std::string_view, ReadList> how, Payload& payload) {
  const auto [key, read] = how;
  const auto found = value.find(key);
  if (found == value.end()) return;
  Json list = std::move(*found);
  value.erase(found);
  if (list.is_array()) return read(change, list, payload);
  UpdateOrigin origin = change.origin;
  origin.place += fmt::format(".value.{}", key);
  payload.malformed.push_back(malformed(std::move(origin), "not a list", list));
}

// What is left beside metadata and contacts once messages and statuses are out.
bool has_rest(const Json& value) {
  for (const auto& [key, part] : value.items()) {
    if (key != "metadata" && key != "contacts" && key != "messaging_product") return true;
  }
  return false;
}

void read_messages_field(Change& change, Json& value, Payload& payload) {
  Json contacts;
  if (const auto found = value.find("contacts"); found != value.end()) contacts = *found;
  change.contacts = &contacts;
  const bool had_items = value.contains("messages") || value.contains("statuses");
  read_list(change, value, {"messages", read_messages}, payload);
  read_list(change, value, {"statuses", read_statuses}, payload);
  if (had_items && !has_rest(value)) return;
  payload.others.push_back({.origin = change.origin, .field = change.field, .value = std::move(value)});
}

std::string phone_number_id_of(const Json& value) {
  const Json* metadata = find_object(value, "metadata");
  if (!metadata) return {};
  if (const auto text = find_text(*metadata, "phone_number_id")) return *text;
  const auto number = find_integer(*metadata, "phone_number_id");
  return number ? std::to_string(*number) : std::string();
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
  if (change.field != "messages") {
    change.origin.waba_id = account_of_news(change.origin.waba_id, value);
    payload.others.push_back({.origin = change.origin, .field = change.field, .value = std::move(value)});
    return;
  }
  if (!value.is_object() || change.origin.phone_number_id.empty()) {
    payload.malformed.push_back(malformed(change.origin, "messages without metadata.phone_number_id", json));
    return;
  }
  read_messages_field(change, value, payload);
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
  Json value{{"messages", Json::array({Json::parse(update.inbound.message.prepared.content)})}};
  if (!update.contact.is_null()) value["contacts"] = Json::array({update.contact});
  return dump(envelope(update.origin, "messages", std::move(value)));
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
