// A template as the customer reads it, with the parameters of a send filled in. Pure; any thread.

#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "conversation/fallback_content.h"

namespace waypost {

// `text` with its variables filled in from `parameters` as a send brings them; a variable without one stays. Values are
// not looked into.
std::string filled_text(std::string_view text, std::string_view parameter_format, const Json& parameters);

// {"header": {"format", "text" or "media" …} or null, "body", "footer" or null, "buttons": [{"type", "text", "url",
// "phoneNumber", "code"}]}. `content` as in template_parameters.h; what it lacks stays a variable.
Json rendered_template(const TemplateShape& shape, const Json& content);

}  // namespace waypost
