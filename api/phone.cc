#include "api/phone.h"

#include <algorithm>

#include "base/text.h"

namespace waypost::api {

std::optional<std::string> phone_digits(std::string_view text) {
  constexpr std::string_view kBetween = " -.()";
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (!kBetween.contains(c)) {
      return std::nullopt;
    }
  }
  if (digits.size() < 7 || digits.size() > 15 || digits.front() == '0') return std::nullopt;
  return digits;
}

}  // namespace waypost::api
