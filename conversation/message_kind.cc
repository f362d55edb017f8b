#include "conversation/message_kind.h"

#include <algorithm>
#include <array>

namespace waypost {
namespace {

constexpr std::array<std::string_view, 8> kStartsNothing{
    "reaction", "edit", "revoke", "system", "unsupported", "unknown", "media_placeholder", "call"};
// Meta's, messages webhook reference; the facts' section 2.3. "voice" and "unknown" are of older payloads.
constexpr std::array<std::string_view, 21> kKnown{"audio",
                                                  "button",
                                                  "call",
                                                  "contacts",
                                                  "document",
                                                  "edit",
                                                  "image",
                                                  "interactive",
                                                  "location",
                                                  "media_placeholder",
                                                  "order",
                                                  "reaction",
                                                  "request_welcome",
                                                  "revoke",
                                                  "sticker",
                                                  "system",
                                                  "text",
                                                  "unknown",
                                                  "unsupported",
                                                  "video",
                                                  "voice"};
// The key under the type's object that holds its words.
struct WordsAt {
  std::string_view type;
  std::string_view key;
};
constexpr std::array<WordsAt, 8> kWords{{{"text", "body"},
                                         {"button", "text"},
                                         {"image", "caption"},
                                         {"video", "caption"},
                                         {"document", "caption"},
                                         {"reaction", "emoji"},
                                         {"system", "body"},
                                         {"order", "text"}}};

using Text = std::optional<std::string>;

Text words_at(const Json& json, std::string_view key) {
  auto words = find_text(json, key);
  if (!words || words->empty()) return std::nullopt;
  return words;
}

// button_reply, list_reply: their title; nfm_reply: its body; call_permission_reply: accept or reject; kinds to come:
// a title, where they have one.
Text interactive_text(const Json& interactive) {
  const Json* reply = find_object(interactive, text_or_empty(interactive, "type"));
  if (!reply) return std::nullopt;
  for (const std::string_view key : {"title", "body", "response"}) {
    if (auto words = words_at(*reply, key)) return words;
  }
  return std::nullopt;
}

std::string coordinate(const Json& location, std::string_view key) {
  const Json* value = find(location, key);
  if (!value || !(value->is_number() || value->is_string())) return {};
  return value->is_string() ? value->get<std::string>() : dump(*value);
}

Text location_text(const Json& location) {
  if (auto name = words_at(location, "name")) return name;
  if (auto address = words_at(location, "address")) return address;
  const auto latitude = coordinate(location, "latitude");
  const auto longitude = coordinate(location, "longitude");
  if (latitude.empty() || longitude.empty()) return std::nullopt;
  return latitude + ", " + longitude;
}

Text contacts_text(const Json& message) {
  const Json* cards = find_array(message, "contacts");
  std::string names;
  for (const auto& card : cards ? *cards : Json::array()) {
    const Json* name = find_object(card, "name");
    const auto words = name ? words_at(*name, "formatted_name") : std::nullopt;
    if (words) names += (names.empty() ? "" : ", ") + *words;
  }
  if (names.empty()) return std::nullopt;
  return names;
}

Text text_of_kind(std::string_view type, const Json& payload) {
  if (type == "interactive") return interactive_text(payload);
  if (type == "location") return location_text(payload);
  if (type == "edit") {
    const Json* message = find_object(payload, "message");
    return message && text_or_empty(*message, "type") != "edit" ? plain_text(*message) : std::nullopt;
  }
  const auto* words = std::ranges::find(kWords, type, &WordsAt::type);
  return words == kWords.end() ? std::nullopt : words_at(payload, words->key);
}

constexpr std::string_view kAnswers = "answers";  // ours, beside Meta's response_json

Json* flow_reply(Json& message) {
  const Json* interactive = find_object(message, "interactive");
  return interactive && find_object(*interactive, "nfm_reply") ? &message["interactive"]["nfm_reply"] : nullptr;
}

}  // namespace

bool starts_runs(std::string_view message_type) {
  return std::ranges::find(kStartsNothing, message_type) == kStartsNothing.end();
}

std::string kind_of(const Json& message) {
  auto type = text_or_empty(message, "type");
  return type.empty() ? std::string(kUnsupported) : type;
}

bool is_known_kind(std::string_view message_type) { return std::ranges::find(kKnown, message_type) != kKnown.end(); }

std::string_view shown_kind(std::string_view message_type) {
  return is_known_kind(message_type) ? message_type : kUnsupported;
}

void parse_answers(Json& message) {
  Json* reply = flow_reply(message);
  const auto text = reply ? find_text(*reply, "response_json") : std::nullopt;
  if (!text) return;
  auto answers = parse_json(*text);
  if (answers && answers->is_object()) (*reply)[kAnswers] = *std::move(answers);
}

void drop_answers(Json& message) {
  if (Json* reply = flow_reply(message)) reply->erase(kAnswers);
}

std::optional<std::string> plain_text(const Json& message) {
  const auto type = text_or_empty(message, "type");
  if (type == "contacts") return contacts_text(message);
  const Json* payload = find_object(message, type);
  return payload ? text_of_kind(type, *payload) : std::nullopt;
}

}  // namespace waypost
