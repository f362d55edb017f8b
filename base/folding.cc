#include "base/folding.h"

#include <unicode/bytestream.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "base/check.h"

namespace waypost {
namespace {

// A Turkish İ becomes an i with a dot of its own, and I is the capital of ı there: all of them are one i.
constexpr UChar32 kDotAbove = 0x307;
constexpr UChar32 kDotless = 0x131;

icu::UnicodeString wide(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

icu::UnicodeString case_folded(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* folding = icu::Normalizer2::getNFKCCasefoldInstance(status);
  WAYPOST_CHECK(U_SUCCESS(status));
  auto folded = folding->normalize(wide(text), status);
  WAYPOST_CHECK(U_SUCCESS(status));
  return folded;
}

bool is_of_a_word(UChar32 c) { return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0; }

}  // namespace

std::string folded_words(std::string_view text) {
  const auto folded = case_folded(text);
  icu::UnicodeString words;
  bool is_between = false;
  UChar32 last = 0;
  for (int32_t at = 0; at < folded.length(); at = folded.moveIndex32(at, 1)) {
    const UChar32 read = folded.char32At(at);
    const UChar32 c = read == kDotless ? 'i' : read;
    if (!is_of_a_word(c)) {
      is_between = true;
      continue;
    }
    if (c == kDotAbove && last == 'i' && !is_between) continue;
    if (is_between && !words.isEmpty()) words.append(static_cast<UChar32>(' '));
    is_between = false;
    last = c;
    words.append(c);
  }
  return utf8(words);
}

std::string in_capitals(std::string_view text) { return utf8(wide(text).toUpper(icu::Locale::getRoot())); }

std::string in_small_letters(std::string_view text) { return utf8(wide(text).toLower(icu::Locale::getRoot())); }

}  // namespace waypost
