#include "conversation/split_text.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace waypost {
namespace {

using Parts = std::vector<std::string>;

TEST(SplitText, LeavesAShortTextWhole) {
  EXPECT_EQ(split_text("Hello. You.", 11), Parts{"Hello. You."});
  EXPECT_EQ(split_text("  Hello ", 5), Parts{"Hello"});
  EXPECT_TRUE(split_text(" \n ", 5).empty());
  EXPECT_TRUE(split_text("", 5).empty());
}

TEST(SplitText, CutsBehindTheLastSentence) {
  EXPECT_EQ(split_text("One two. Three four five", 14), (Parts{"One two.", "Three four", "five"}));
  EXPECT_EQ(split_text("Really? Yes it is", 10), (Parts{"Really?", "Yes it is"}));
  EXPECT_EQ(split_text("line one\nline two", 12), (Parts{"line one", "line two"}));
}

TEST(SplitText, SeesASentenceThatEndsAtTheLimit) {
  EXPECT_EQ(split_text("One two. Three", 8), (Parts{"One two.", "Three"}));
}

TEST(SplitText, DoesNotCutANumber) { EXPECT_EQ(split_text("pay 12.50 now", 8), (Parts{"pay", "12.50", "now"})); }

// A sentence that ends in the first half would leave a short part: the word nearer the limit wins.
TEST(SplitText, PrefersAWordToAnEarlySentence) {
  EXPECT_EQ(split_text("Hi. this goes on and on", 14), (Parts{"Hi. this goes", "on and on"}));
}

TEST(SplitText, CutsALongWordBetweenCharacters) {
  EXPECT_EQ(split_text("abcdefgh", 3), (Parts{"abc", "def", "gh"}));
  EXPECT_EQ(split_text("€€€€€", 2), (Parts{"€€", "€€", "€"}));
}

TEST(SplitText, KeepsEveryWordInOrder) {
  std::string text;
  for (int n = 0; n < 5'000; ++n) text += "word" + std::to_string(n) + (n % 9 == 0 ? ". " : " ");
  std::string joined;
  for (const auto& part : split_text(text)) {
    EXPECT_LE(count_characters(part), kTextCharacters);
    joined += part + " ";
  }
  EXPECT_EQ(joined, text);
}

}  // namespace
}  // namespace waypost
