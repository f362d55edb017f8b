// The setting `ai` of a workspace as a PATCH gives it, and its key, which is write-only: it never stands in what
// read_ai() gives, is kept sealed beside the settings, and only its being there is shown. One request's; its own loop.

#pragma once

#include <optional>

#include "api/input.h"
#include "base/secret.h"

namespace waypost::api {

// {"baseUrl", "model", "inputPrice", "outputPrice", "currency"}, what is missing left out.
Json read_ai(Input& input);

// What becomes of the key.
struct AiKeyEdit {
  bool is_said = false;         // else it stays, unless the address changes
  std::optional<Secret> key{};  // nothing: it is taken away
};
// Of the whole request: settings.ai.apiKey; null takes it away, and so does settings.ai: null.
AiKeyEdit read_ai_key(Input& input);

}  // namespace waypost::api
