#include "conversation/message_mark.h"

#include <algorithm>
#include <array>
#include <utility>

#include "conversation/message_kind.h"

namespace waypost {
namespace {

struct Kind {
  MarkKind kind;
  std::string_view type;
  std::string_view target;  // the key of the id under the type's object
};
constexpr std::array<Kind, 3> kKinds{{{MarkKind::Reaction, "reaction", "message_id"},
                                      {MarkKind::Edit, "edit", "original_message_id"},
                                      {MarkKind::Revoke, "revoke", "original_message_id"}}};

}  // namespace

std::string_view name_of(MarkKind kind) {
  const auto* known = std::ranges::find(kKinds, kind, &Kind::kind);
  if (known == kKinds.end()) std::unreachable();
  return known->type;
}

std::optional<MarkKind> mark_kind(std::string_view name) {
  const auto* known = std::ranges::find(kKinds, name, &Kind::type);
  return known == kKinds.end() ? std::nullopt : std::optional(known->kind);
}

std::optional<MessageMark> mark_of(const Json& message) {
  const auto* known = std::ranges::find(kKinds, text_or_empty(message, "type"), &Kind::type);
  const Json* payload = known == kKinds.end() ? nullptr : find_object(message, known->type);
  auto wamid = payload ? text_or_empty(*payload, known->target) : std::string();
  if (wamid.empty()) return std::nullopt;
  return MessageMark{.kind = known->kind,
                     .wamid = std::move(wamid),
                     .text = known->kind == MarkKind::Revoke ? std::nullopt : plain_text(message)};
}

}  // namespace waypost
