// What the fallback template carries: Meta's template part, built from the workspace's parameters and the text that the
// window kept back. Pure; any thread.
//
// Meta refuses (132018) parameters with line breaks, tabs or more than four spaces in a row, and bodies beyond 1,024
// characters.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/json.h"

namespace waypost {

inline constexpr std::size_t kTemplateBodyCharacters = 1'024;

// An approved template, as Meta lists it.
struct TemplateShape {
  std::string name{};
  std::string language{};
  std::string parameter_format = "POSITIONAL";  // or NAMED
  Json components = Json::array();
};

struct TemplateContent {
  Json content{};      // the part behind "template" of a send
  std::string text{};  // the body as the customer reads it
};

// `parameters` holds, for each variable of the body in order, a text or {"name", "text"}; "{{text}}" in it stands for
// `kept_back`, made fit and cut so that the body keeps to its limit. Variables of a NAMED template without a name of
// their own take the body's, in order.
TemplateContent fallback_content(const TemplateShape& shape, const Json& parameters, std::string_view kept_back);

// The text as a parameter may hold it: every run of white space is one space, none at the ends, and at most
// `characters` of it, the last one "…" when it was cut.
std::string fit_parameter(std::string_view text, std::size_t characters);

}  // namespace waypost
