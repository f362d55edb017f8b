// Folding: words as they are compared, whatever their case, width, punctuation and pictures. By Unicode's tables (ICU).
// Any thread.

#pragma once

#include <string>
#include <string_view>

namespace waypost {

// Letters, marks and digits, case-folded and in compatible forms (NFKC_Casefold); whatever stands between them is one
// space, and nothing stands around them: "  ＳＴＯＰ!! 🙏" is "stop", "Opt-Out." is "opt out". Accents stay; a
// Turkish ı is an i.
std::string folded_words(std::string_view text);

}  // namespace waypost
