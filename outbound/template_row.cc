#include "outbound/template_row.h"

namespace waypost {
namespace {

// {"score": "GREEN"}; a bare text in older answers.
std::optional<std::string> quality_of(const Json& listed) {
  if (const Json* score = find_object(listed, "quality_score")) return find_text(*score, "score");
  return find_text(listed, "quality_score");
}

// Meta writes "NONE" on templates that are not rejected.
std::optional<std::string> rejection_of(const Json& listed) {
  auto reason = find_text(listed, "rejected_reason");
  if (reason == "NONE" || reason == "") return std::nullopt;
  return reason;
}

}  // namespace

std::optional<store::Template> template_row(const store::Channel& channel, const Json& listed, Time listed_at) {
  const auto name = find_text(listed, "name");
  const auto language = find_text(listed, "language");
  const auto status = find_text(listed, "status");
  if (!name || !language || !status) return std::nullopt;
  const Json* components = find_array(listed, "components");
  return store::Template{.tenant = channel.tenant,
                         .waba_id = channel.waba_id,
                         .meta_id = find_text(listed, "id"),
                         .name = *name,
                         .language = *language,
                         .category = text_or_empty(listed, "category"),
                         .status = *status,
                         .parameter_format = find_text(listed, "parameter_format").value_or("POSITIONAL"),
                         .quality = quality_of(listed),
                         .rejected_reason = rejection_of(listed),
                         .components = components ? *components : Json::array(),
                         .synced_at = listed_at};
}

}  // namespace waypost
