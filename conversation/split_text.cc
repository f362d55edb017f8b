#include "conversation/split_text.h"

#include "base/text.h"

namespace waypost {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

bool is_space(char c) { return kSpace.contains(c); }

bool ends_sentence(std::string_view text, std::size_t at) {
  const char before = text[at - 1];
  if (before == '\n') return true;
  return (before == '.' || before == '!' || before == '?') && is_space(text[at]);
}

// Where to cut `text`, of which at most the first `most` bytes may stand in one part; `most` < text.size().
std::size_t cut_of(std::string_view text, std::size_t most) {
  for (auto at = most; at > most / 2; --at) {
    if (ends_sentence(text, at)) return at;
  }
  for (auto at = most; at > 0; --at) {
    if (is_space(text[at])) return at;
  }
  return most;
}

}  // namespace

std::vector<std::string> split_text(std::string_view text, std::size_t most) {
  std::vector<std::string> parts;
  text = trimmed(text);
  while (!text.empty()) {
    const auto head = first_characters(text, most).size();
    const auto cut = head == text.size() ? head : cut_of(text, head);
    parts.emplace_back(trimmed(text.substr(0, cut)));
    text = trimmed(text.substr(cut));
  }
  return parts;
}

}  // namespace waypost
