#include "workflow/reply.h"

#include <algorithm>
#include <array>

#include "base/or_null.h"

namespace waypost::workflow {
namespace {

constexpr std::string_view kButton = "button";
constexpr std::string_view kInteractive = "interactive";

constexpr std::array<std::string_view, 11> kKinds{"text",    kButton,    "image",    "video", "audio", "document",
                                                  "sticker", "location", "contacts", "order", "flow"};

// Meta keeps what was chosen from an interactive message under the name of its kind, and what was pressed of a
// template's quick replies as a message of its own type.
struct ChoiceAt {
  std::string_view kind{};  // of an interactive answer
  std::string_view id{};
  std::string_view title{};
};
constexpr std::array<ChoiceAt, 2> kChoices{{{"button_reply", "id", "title"}, {"list_reply", "id", "title"}}};
constexpr ChoiceAt kQuickReply{.kind = "", .id = "payload", .title = "text"};

// All that Meta sent of the message, or the part alone.
const Json& part_of(std::string_view type, const Json& content) {
  const Json* part = find(content, type);
  return part != nullptr && part->is_structured() ? *part : content;
}

Json choice_at(const Json& json, const ChoiceAt& place) {
  auto id = text_or_empty(json, place.id);
  auto title = text_or_empty(json, place.title);
  if (id.empty() && title.empty()) return {};
  if (id.empty()) id = title;
  return {{"id", std::move(id)}, {"title", std::move(title)}};
}

Json choice_in(std::string_view type, const Json& part) {
  if (type == kButton) return choice_at(part, kQuickReply);
  if (type != kInteractive) return {};
  const auto kind = text_or_empty(part, "type");
  const auto* place = std::ranges::find(kChoices, kind, &ChoiceAt::kind);
  const Json* chosen = place == kChoices.end() ? nullptr : find_object(part, kind);
  return chosen == nullptr ? Json() : choice_at(*chosen, *place);
}

std::string kind_of_reply(std::string_view type, const Json& part) {
  if (type == "voice") return "audio";
  if (type != kInteractive) return std::string(type);
  const auto kind = text_or_empty(part, "type");
  if (std::ranges::find(kChoices, kind, &ChoiceAt::kind) != kChoices.end()) return std::string(kButton);
  return kind == "nfm_reply" ? "flow" : std::string(kInteractive);
}

Json member_or_null(const Json& json, std::string_view key) {
  const Json* member = find(json, key);
  return member == nullptr ? Json() : *member;
}

}  // namespace

std::span<const std::string_view> reply_kinds() { return kKinds; }
bool is_reply_kind(std::string_view word) { return std::ranges::find(kKinds, word) != kKinds.end(); }

Json reply_of(std::string_view type, const std::optional<std::string>& text, const Json& content) {
  const Json& part = part_of(type, content);
  return {{"type", kind_of_reply(type, part)},
          {"text", or_null(text)},
          {"choice", choice_in(type, part)},
          {"content", part}};
}

Json reply_variables(const Json& reply) {
  const Json choice = member_or_null(reply, "choice");
  return {{"text", member_or_null(reply, "text")},
          {"type", member_or_null(reply, "type")},
          {"id", member_or_null(choice, "id")},
          {"title", member_or_null(choice, "title")}};
}

bool is_of_kind(std::string_view type, std::string_view word) {
  if (type == kInteractive) return word == kButton || word == "flow" || word == kInteractive;
  return type == word || (type == "voice" && word == "audio");
}

}  // namespace waypost::workflow
