// The parameters of a send held against its template, so that what Meta would refuse (132000, 132012, 132018, 131008)
// is told before it is spent: how many there are, their names, kinds and lengths. Pure; any thread.
// Source: Meta, "Sending template messages"; the facts' section 3.5.

#pragma once

#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "conversation/fallback_content.h"

namespace waypost {

// `content` is the part behind "template" of a send: {"name", "language", "components"?}. Paths stand below it:
// "components.0.parameters.1.text"; "components" where one is missing as a whole. Components of other kinds (carousel,
// limited_time_offer, order_status …) are Meta's to judge.
std::vector<FieldError> parameter_faults(const TemplateShape& shape, const Json& content);

}  // namespace waypost
