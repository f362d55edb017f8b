// The rules of a template's components. Pure; any thread.

#pragma once

#include "conversation/part.h"

namespace waypost {

// content_template.cc. "components" of a template or of a card.
void check_template_components(const Part& owner, Span count);

// template_parameters.cc
void check_template_header(const Part& component);
void check_template_body(const Part& component);
// template_buttons.cc
void check_template_button(const Part& component);
// template_extras.cc
void check_limited_time_offer(const Part& component);
void check_template_carousel(const Part& component);

}  // namespace waypost
