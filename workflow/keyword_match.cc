#include "workflow/keyword_match.h"

#include <cstdint>
#include <string>

#include "base/folding.h"
#include "workflow/fold.h"

namespace waypost::workflow {
namespace {

bool goes_on(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The character that ends at `end`, or begins at `begin`; empty: there is none.
std::string_view character_before(std::string_view text, std::size_t end) {
  auto begin = end;
  while (begin > 0 && goes_on(text[--begin])) {
  }
  return text.substr(begin, end - begin);
}

std::string_view character_at(std::string_view text, std::size_t begin) {
  if (begin >= text.size()) return {};
  auto end = begin + 1;
  while (end < text.size() && goes_on(text[end])) ++end;
  return text.substr(begin, end - begin);
}

// Thai, Lao, Myanmar and Khmer, and all from the Chinese and Japanese scripts on, write words without spaces between
// them, or (Korean) with endings: where one ends there cannot be told. In UTF-8 these are of three bytes.
bool is_of_joined_script(std::string_view character) {
  if (character.size() < 3) return false;
  const auto first = static_cast<unsigned char>(character[0]);
  const auto second = static_cast<unsigned char>(character[1]);
  const auto row = first << 8 | second;  // 64 scalars each
  return (row >= 0xE0B8 && row <= 0xE0BB) || row == 0xE180 || row == 0xE181 || (row >= 0xE19E && row <= 0xE19F) ||
         row >= 0xE2BA;
}

bool is_of_word(std::string_view character) {
  return !character.empty() && !is_of_joined_script(character) && !folded_words(character).empty();
}

bool is_border(std::string_view before, std::string_view after) { return !is_of_word(before) || !is_of_word(after); }

bool contains_words(std::string_view text, std::string_view words) {
  for (auto at = text.find(words); at != std::string_view::npos; at = text.find(words, at + 1)) {
    const auto end = at + words.size();
    if (is_border(character_before(text, at), character_at(text, at)) &&
        is_border(character_before(text, end), character_at(text, end))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<KeywordMatch> keyword_match(std::string_view name) {
  if (name == "equals") return KeywordMatch::Equals;
  if (name == "contains") return KeywordMatch::Contains;
  if (name == "starts_with") return KeywordMatch::StartsWith;
  return std::nullopt;
}

bool matches(std::string_view text, std::string_view keyword, KeywordMatch match) {
  const auto mine = folded(text);
  const auto theirs = folded(keyword);
  if (theirs.empty()) return false;
  switch (match) {
    case KeywordMatch::Equals:
      return mine == theirs;
    case KeywordMatch::Contains:
      return contains_words(mine, theirs);
    case KeywordMatch::StartsWith:
      return mine.starts_with(theirs);
  }
}

}  // namespace waypost::workflow
