// A template as a workspace writes it, held against Meta's rules before Meta sees it: whatever breaks one is told at
// once, each with its path. Pure; any thread.
// Source: Meta, "Template components", "Template guidelines"; the facts' section 4.2.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace waypost {

struct TemplateDraft {
  std::string name{};
  std::string language{};                       // "en_US"
  std::string category{};                       // MARKETING | UTILITY | AUTHENTICATION
  std::string parameter_format = "POSITIONAL";  // or NAMED
  // As Meta takes them; but a header's "example" may be {"uploadId"} of a file of ours, which is not Meta's to see.
  Json components = Json::array();
  std::optional<std::int64_t> ttl_seconds{};  // how long Meta tries to deliver it; -1: 30 days
};

// Paths in the API's words: "name", "components.0.text", "components.2.buttons.1.url". Empty: Meta may take it.
std::vector<FieldError> draft_faults(const TemplateDraft& draft);

// Why a template of this status cannot be edited; nothing: it can.
std::optional<std::string> edit_refusal(std::string_view status);

}  // namespace waypost
