// Folding: words as they are compared, whatever their case, width, punctuation and pictures; and texts in capital or
// small letters. By Unicode's tables (ICU). Any thread.

#pragma once

#include <string>
#include <string_view>

namespace waypost {

// Letters, marks and digits, case-folded and in compatible forms (NFKC_Casefold); whatever stands between them is one
// space, and nothing stands around them: "  ＳＴＯＰ!! 🙏" is "stop", "Opt-Out." is "opt out". Accents stay; a
// Turkish ı is an i.
std::string folded_words(std::string_view text);

// Of no language: "straße" is "STRASSE", a Turkish i an I without a dot. What is not UTF-8 becomes U+FFFD. The text may
// grow, to three times its bytes at most.
std::string in_capitals(std::string_view text);
std::string in_small_letters(std::string_view text);

}  // namespace waypost
