#include "conversation/send_form.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "conversation/short_forms.h"
#include "conversation/split_text.h"

namespace waypost {
namespace {

constexpr std::size_t kContentBytes = 65'536;

struct ShortForm {
  std::string_view type{};
  MadeContent (*make)(const Part&) = nullptr;
  std::array<std::string_view, 8> keys{};  // "" at the end
};
constexpr std::array<ShortForm, 10> kShortForms{{
    {"text", make_text, {"body", "text", "previewUrl"}},
    {"image", make_media, {"uploadId", "link", "mediaId", "caption"}},
    {"audio", make_media, {"uploadId", "link", "mediaId", "voice"}},
    {"video", make_media, {"uploadId", "link", "mediaId", "caption"}},
    {"document", make_media, {"uploadId", "link", "mediaId", "caption", "filename"}},
    {"sticker", make_media, {"uploadId", "link", "mediaId"}},
    {"location", make_location, {"latitude", "longitude", "name", "address"}},
    {"reaction", make_reaction, {"to", "messageId", "emoji"}},
    {"template", make_template, {"name", "language", "parameters", "header", "buttons", "components"}},
    {"interactive", make_interactive, {"body", "header", "footer", "buttons", "list", "url"}},
}};

const ShortForm* short_form_of(std::string_view type) {
  const auto* found = std::ranges::find(kShortForms, type, &ShortForm::type);
  return found == kShortForms.end() ? nullptr : found;
}

bool has(const Json& request, std::string_view key) {
  const Json* value = find(request, key);
  return value != nullptr && !value->is_null();
}

bool takes(const ShortForm& form, std::string_view key) { return std::ranges::find(form.keys, key) != form.keys.end(); }

// Every member that any form has, but the types' own.
const std::set<std::string_view>& known_keys() {
  static const std::set<std::string_view> all = [] {
    std::set<std::string_view> keys{"content"};
    for (const auto& form : kShortForms) keys.insert(form.keys.begin(), form.keys.end());
    keys.erase("");
    return keys;
  }();
  return all;
}

bool is_of_form(const ChosenForm& chosen, std::string_view key) {
  if (chosen.form == SendForm::Content) return key == "content";
  if (chosen.form == SendForm::Meta) return key == chosen.type;
  const auto* form = short_form_of(chosen.type);
  return form != nullptr && takes(*form, key);
}

SendForm form_of(const Json& request, const std::string& type) {
  if (has(request, "content")) return SendForm::Content;
  const Json* part = find(request, type);
  const bool is_part = part != nullptr && (part->is_object() || part->is_array());
  // What has no short form is asked for as a part.
  return is_part || short_form_of(type) == nullptr ? SendForm::Meta : SendForm::Short;
}

std::string stray_words(const ChosenForm& chosen) {
  if (chosen.form == SendForm::Content) return "does not belong beside content";
  if (chosen.form == SendForm::Meta) return "does not belong beside " + chosen.type;
  return "does not belong to a message of type " + chosen.type;
}

// The first origin that the path begins with, in the request's words.
std::string path_in_request(const std::string& path, const std::vector<CameFrom>& origins) {
  for (const auto& origin : origins) {
    if (path == origin.content) return origin.request;
    const bool is_below =
        path.starts_with(origin.content) && (path[origin.content.size()] == '.' || path[origin.content.size()] == '[');
    if (is_below) return origin.request + path.substr(origin.content.size());
  }
  return path;
}

PartFaults told_of_request(PartFaults faults, const std::vector<CameFrom>& origins) {
  for (auto& fault : faults) fault.path = path_in_request(fault.path, origins);
  return faults;
}

// Meta's part, and where its members came from.
struct Asked {
  Json content{};
  std::string path{};
  std::vector<CameFrom> origins{};
};

std::expected<Asked, PartFaults> asked_for(const Json& request, const ChosenForm& chosen) {
  PartFaults faults;
  const Part whole(request, "", faults);
  if (chosen.form == SendForm::Short) {
    auto made = short_form_of(chosen.type)->make(whole);
    if (!faults.empty()) return std::unexpected(std::move(faults));
    return Asked{.content = std::move(made.content), .path = "", .origins = std::move(made.origins)};
  }
  const std::string key = chosen.form == SendForm::Content ? "content" : chosen.type;
  if (!has(request, key)) return std::unexpected(PartFaults{{key, "is missing"}});
  return Asked{.content = request[key], .path = key, .origins = {}};
}

// A text in parts that Meta takes, in order; anything else as it is.
std::vector<Json> in_parts(std::string_view type, Json content) {
  const auto body = type == "text" ? find_text(content, "body") : std::nullopt;
  if (!body || count_characters(*body) <= kTextCharacters) return {std::move(content)};
  std::vector<Json> parts;
  for (auto& part : split_text(*body)) {
    parts.push_back(content);
    parts.back()["body"] = std::move(part);
  }
  return parts.empty() ? std::vector{std::move(content)} : parts;
}

std::optional<PartFaults> too_large(std::string_view type, const Asked& asked) {
  const auto body = type == "text" ? find_text(asked.content, "body") : std::nullopt;
  const auto characters = body ? count_characters(*body) : 0;
  if (characters > kLongTextCharacters) {
    const std::string path = asked.path.empty() ? "body" : asked.path + ".body";
    return PartFaults{
        {path, "at most " + std::to_string(kLongTextCharacters) + " characters, has " + std::to_string(characters)}};
  }
  if (!body && dump(asked.content).size() > kContentBytes)
    return PartFaults{{asked.path.empty() ? "type" : asked.path, "at most 64 kB of JSON"}};
  return std::nullopt;
}

}  // namespace

std::expected<ChosenForm, PartFaults> choose_form(const Json& request) {
  PartFaults faults;
  const Part whole(request, "", faults);
  ChosenForm chosen{.type = whole.maybe_text("type").value_or("text")};
  if (!faults.empty()) return std::unexpected(std::move(faults));
  if (!is_sendable(chosen.type)) return std::unexpected(PartFaults{{"type", "no type that can be sent"}});
  chosen.form = form_of(request, chosen.type);
  for (const auto& [key, value] : request.items()) {
    if (value.is_null() || is_of_form(chosen, key)) continue;
    if (known_keys().contains(key) || is_sendable(key)) whole.complain(key, stray_words(chosen));
  }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return chosen;
}

std::expected<std::vector<SendContent>, PartFaults> read_send(const Json& request) {
  const auto chosen = choose_form(request);
  if (!chosen) return std::unexpected(chosen.error());
  auto asked = asked_for(request, *chosen);
  if (!asked) return std::unexpected(std::move(asked.error()));
  if (auto faults = too_large(chosen->type, *asked))
    return std::unexpected(told_of_request(*std::move(faults), asked->origins));
  std::vector<SendContent> sends;
  for (auto& part : in_parts(chosen->type, std::move(asked->content))) {
    auto read = read_send_content(chosen->type, std::move(part), asked->path);
    if (!read) return std::unexpected(told_of_request(std::move(read.error()), asked->origins));
    sends.push_back(*std::move(read));
  }
  return sends;
}

}  // namespace waypost
