// Fold: what texts are compared by, so that "ÁRBOL " written by a customer equals "árbol". Latin, Greek and Cyrillic
// letters lose their case; space around the text and its case are no difference, accents are. Pure; any thread.

#pragma once

#include <string>
#include <string_view>

namespace waypost::workflow {

// `text` is valid UTF-8.
std::string folded(std::string_view text);

}  // namespace waypost::workflow
