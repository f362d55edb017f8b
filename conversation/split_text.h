// A text too long for one message, in several. Pure; any thread.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace waypost {

// Meta, "Text messages": body, at most 4,096 characters. We count Unicode scalars.
inline constexpr std::size_t kTextCharacters = 4'096;

// Parts of at most `most` characters, in order, cut at the last end of a sentence or line in the second half of a
// part, else at the last space, else within a word; the white space at a cut is left out. Nothing for a blank text.
std::vector<std::string> split_text(std::string_view text, std::size_t most = kTextCharacters);

}  // namespace waypost
