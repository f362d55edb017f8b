#include "conversation/send_content.h"

#include <algorithm>
#include <array>

#include "conversation/content_rules.h"
#include "conversation/message_kind.h"

namespace waypost {
namespace {

struct Kind {
  std::string_view type{};
  void (*check)(const Part&) = nullptr;
  bool is_list = false;  // contacts: the part is a list
};
constexpr std::array<Kind, 12> kKinds{{{"text", check_text},
                                       {"image", check_image},
                                       {"audio", check_audio},
                                       {"video", check_video},
                                       {"document", check_document},
                                       {"sticker", check_sticker},
                                       {"location", check_location},
                                       {"contacts", check_contacts, true},
                                       {"reaction", check_reaction},
                                       {"interactive", check_interactive},
                                       {"template", check_template},
                                       {"pin", check_pin}}};

const Kind* kind_named(std::string_view type) {
  const auto* found = std::ranges::find(kKinds, type, &Kind::type);
  return found == kKinds.end() ? nullptr : found;
}

// {"name", "language": "en_US"} is written by hand.
void complete_language(Json& form) {
  if (!form.is_object() || !find_text(form, "language")) return;
  Json code = form["language"];
  form["language"] = {{"code", std::move(code)}};
}

}  // namespace

bool is_sendable(std::string_view type) { return kind_named(type) != nullptr; }

std::expected<SendContent, PartFaults> read_send_content(std::string_view type, Json content, const std::string& path) {
  PartFaults faults;
  const Kind* kind = kind_named(type);
  if (kind == nullptr) return std::unexpected(PartFaults{{"type", "no type that can be sent"}});
  if (type == "template") complete_language(content);
  const Part part(content, path, faults);
  if (kind->is_list || content.is_object()) {
    kind->check(part);
  } else {
    part.complain("must be an object");
  }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  SendContent read{.type = std::string(type), .content = std::move(content)};
  read.text = preview_of(type, read.content);
  return read;
}

std::optional<std::string> preview_of(std::string_view type, const Json& content) {
  if (type == "template") return find_text(content, "name");
  if (type == "interactive") {
    const Json* body = find_object(content, "body");
    return body == nullptr ? std::nullopt : find_text(*body, "text");
  }
  return plain_text({{"type", type}, {std::string(type), content}});
}

}  // namespace waypost
