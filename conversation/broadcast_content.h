// What a broadcast's template carries for one recipient. Pure; any thread.
//
// A broadcast's parameters are, for each variable of the body in order, a text or {"name"?, "text", "default"?}; or
// {"components": […]}: Meta's own, for templates with more than a body. Placeholders in their texts stand for the
// recipient's values: "{{contact.name}}", "{{contact.phone}}", "{{contact.language}}", "{{contact.fields.<key>}}",
// "{{row.<column>}}". What is filled in is not read again.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "conversation/fallback_content.h"

namespace waypost {

using RecipientValues = std::map<std::string, std::string, std::less<>>;  // by "contact.name", "row.code" …

// `row`: an object of texts, or null.
void add_row_values(RecipientValues& values, const Json& row);

// Nothing when a parameter comes out empty: Meta refuses those (131008).
std::optional<TemplateContent> broadcast_content(const TemplateShape& shape, const Json& parameters,
                                                 const RecipientValues& values);

// What is wrong with them in any case, with paths below "parameters" or "components": types, as many as the body has
// variables, placeholders of an unknown kind. The shape may be unknown: then their number is not judged.
std::vector<FieldError> broadcast_parameter_faults(const Json& parameters, const TemplateShape* shape);

}  // namespace waypost
