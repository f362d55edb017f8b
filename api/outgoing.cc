#include "api/outgoing.h"

#include <algorithm>
#include <array>

#include "api/input.h"
#include "base/text.h"

namespace waypost::api {
namespace {

constexpr std::array<std::string_view, 11> kTypes{"text",     "template", "interactive", "image",    "audio",   "video",
                                                  "document", "sticker",  "location",    "contacts", "reaction"};
constexpr std::size_t kMostContentBytes = 64 * 1024;

void check_words(Input& input, std::string_view path, std::string_view words) {
  if (trimmed(words).empty()) return input.complain(path, "String must contain at least 1 character(s)");
  if (count_characters(words) > kMostTextCharacters)
    input.complain(path, "String must contain at most " + std::to_string(kMostTextCharacters) + " character(s)");
}

void read_text(Input& input, store::Message& message) {
  const auto key = input.either("body", "text");
  const auto words = input.maybe_text(key, {.least = 0, .most = std::string::npos, .trim = false});
  const Json* value = find(input.body(), key);
  if (value == nullptr || value->is_null()) input.complain(key, "Required");
  if (words) check_words(input, key, *words);
  message.text = words.value_or("");
  message.content = {{"body", *message.text}};
  if (input.maybe_bool("previewUrl").value_or(false)) message.content["preview_url"] = true;
}

// {"name", "language": "en_US" or {"code": "en_US"}, "components"?}
void read_template(Input& input, Json& content) {
  Json* language = content.contains("language") ? &content["language"] : nullptr;
  if (language != nullptr && language->is_string()) *language = {{"code", *language}};
  if (text_or_empty(content, "name").empty()) input.complain("content.name", "Required");
  if (language == nullptr || text_or_empty(*language, "code").empty()) input.complain("content.language", "Required");
  if (content.contains("components") && !content["components"].is_array())
    input.complain("content.components", "Expected array");
}

void read_content(Input& input, store::Message& message) {
  const Json* content = find(input.body(), "content");
  const bool fits = content != nullptr && (message.type == "contacts" ? content->is_array() : content->is_object());
  if (!fits) return input.complain("content", message.type == "contacts" ? "Expected array" : "Expected object");
  if (dump(*content).size() > kMostContentBytes) return input.complain("content", "Too large: at most 64 kB");
  message.content = *content;
  if (message.type == "template") read_template(input, message.content);
  message.text = preview_of(message.type, message.content);
  if (message.type == "text") check_words(input, "content.body", message.text.value_or(""));
}

void read_policy(Input& input, store::Message& message) {
  const auto name = input.maybe_text("outsideWindow");
  if (!name) return;
  message.policy = window_policy(*name);
  if (!message.policy)
    input.complain("outsideWindow", "Expected 'reject' | 'hold' | 'template' | 'template_then_hold'");
}

void read_reply(Input& input, Outgoing& outgoing) {
  const auto id = input.maybe_text("replyTo", {.most = 512});
  if (!id) return;
  outgoing.answers = MessageId::parse(*id);
  if (outgoing.answers) return;
  if (id->starts_with("wamid.")) {
    outgoing.message.reply_to = *id;
  } else {
    input.complain("replyTo", "Expected a message's id or its wamid");
  }
}

}  // namespace

std::optional<std::string> preview_of(std::string_view type, const Json& content) {
  if (type == "text") return find_text(content, "body");
  if (type == "template") return find_text(content, "name");
  if (type == "interactive") {
    const Json* body = find_object(content, "body");
    return body == nullptr ? std::nullopt : find_text(*body, "text");
  }
  if (type == "reaction") return find_text(content, "emoji");
  return find_text(content, "caption");
}

Result<Outgoing> read_outgoing(const Request& request) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  Outgoing outgoing;
  auto& message = outgoing.message;
  message.type = input->maybe_text("type").value_or("text");
  const bool plain = message.type == "text" && !input->has("content");
  if (std::ranges::find(kTypes, message.type) == kTypes.end()) {
    input->complain("type", "Unknown message type");
  } else if (plain) {
    read_text(*input, message);
  } else {
    read_content(*input, message);
  }
  read_policy(*input, message);
  read_reply(*input, outgoing);
  message.external_id = input->maybe_text("externalId", {.most = 200});
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return outgoing;
}

}  // namespace waypost::api
