// Keywords in customers' messages. Both are compared as in conditions (fold.h): their case is no difference. Pure; any
// thread.

#pragma once

#include <optional>
#include <string_view>

namespace waypost::workflow {

enum class KeywordMatch { Equals, Contains, StartsWith };
// "equals", "contains", "starts_with".
std::optional<KeywordMatch> keyword_match(std::string_view name);

// Contains: as whole words, "order" in "My order, please" but not in "reorder"; scripts that write no spaces between
// words are searched as they are. An empty keyword is in nothing.
bool matches(std::string_view text, std::string_view keyword, KeywordMatch match);

}  // namespace waypost::workflow
