#include "webhook/payload.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "conversation/account_news.h"
#include "conversation/meta_time.h"
#include "webhook/chat_fields.h"
#include "webhook/slices.h"
#include "webhook/tamed.h"

namespace waypost {
namespace {

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

// The change alone in its entry.
Malformed malformed_change(UpdateOrigin origin, std::string_view words, const Json& entry, Json change) {
  Json kept{{"changes", Json::array({std::move(change)})}};
  for (const char* key : {"id", "time"}) {
    if (const Json* said = find(entry, key)) kept[key] = *said;
  }
  return malformed(std::move(origin), words, envelope_of_entry(std::move(kept)));
}

void read_change(UpdateOrigin origin, const Json& entry, Json& json, Payload& payload) {
  const auto field = find_text(json, "field");
  const auto found = json.is_object() ? json.find("value") : json.end();
  if (!field || found == json.end()) {
    payload.malformed.push_back(malformed_change(std::move(origin), "a change without field or value", entry, json));
    return;
  }
  Json& value = *found;
  origin.phone_number_id = phone_number_id_of(value);
  Change change{.origin = std::move(origin), .field = *field};
  const bool is_of_number = value.is_object() && !change.origin.phone_number_id.empty();
  if (is_of_number && brings_messages(change.field)) return read_chat_field(change, value, payload);
  if (change.field == "messages") {
    payload.malformed.push_back(
        malformed_change(change.origin, "messages without metadata.phone_number_id", entry, json));
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
    payload.malformed.push_back(
        malformed(std::move(origin), "an entry without a list of changes", envelope_of_entry(json)));
    return;
  }
  for (std::size_t change = 0; change < found->size(); ++change) {
    UpdateOrigin inner = origin;
    inner.place += fmt::format(".changes[{}]", change);
    read_change(std::move(inner), json, (*found)[change], payload);
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

}  // namespace waypost
