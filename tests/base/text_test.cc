#include "base/text.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

TEST(Text, KnowsValidUtf8) {
  for (const char* valid : {"", "a", "é", "€", "😀", "\xEF\xBF\xBD"}) EXPECT_TRUE(valid_utf8(valid)) << valid;
  for (const char* wrong :
       {"\x80", "\xC0\xAF", "\xE2\x82", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(valid_utf8(wrong));
  }
}

TEST(Text, MendsByteByByte) {
  EXPECT_EQ(mended_utf8("a\xE2\x82z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(storable_text(std::string("a\0b", 3)),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_TRUE(valid_utf8(mended_utf8("\xF0\x9F\x98")));
}

TEST(Text, CountsAndCutsByScalar) {
  EXPECT_EQ(count_characters("aé😀"), 3U);
  EXPECT_EQ(first_characters("aé😀b", 3), "aé😀");
  EXPECT_EQ(first_characters("ab", 5), "ab");
  EXPECT_EQ(first_characters("ab", 0), "");
}

TEST(Text, CutsByBytesBetweenScalars) {
  EXPECT_EQ(first_bytes("aé😀b", 7), "aé😀");
  EXPECT_EQ(first_bytes("aé😀b", 6), "aé");
  EXPECT_EQ(first_bytes("aé😀b", 2), "a");
  EXPECT_EQ(first_bytes("😀", 3), "");
  EXPECT_EQ(first_bytes("ab", 5), "ab");
}

TEST(Text, TrimsAndLowers) {
  EXPECT_EQ(trimmed(" \t a b \r\n"), "a b");
  EXPECT_EQ(trimmed("  "), "");
  EXPECT_EQ(lower_ascii("AbÉ"), "abÉ");
}

}  // namespace
}  // namespace waypost
