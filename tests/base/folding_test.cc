#include "base/folding.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

TEST(Folding, CasePunctuationAndPicturesDoNotMatter) {
  EXPECT_EQ(folded_words("STOP"), "stop");
  EXPECT_EQ(folded_words("  Stop!!! \n"), "stop");
  EXPECT_EQ(folded_words("🙏🏽 stop 🛑❤️"), "stop");
  EXPECT_EQ(folded_words("\"stop\""), "stop");
  EXPECT_EQ(folded_words("*_stop_*"), "stop");
  EXPECT_EQ(folded_words("Opt-Out."), "opt out");
  EXPECT_EQ(folded_words("opt \t  out"), "opt out");
  EXPECT_EQ(folded_words(""), "");
  EXPECT_EQ(folded_words("🙏 !!"), "");
}

TEST(Folding, EveryAlphabetHasItsOwnCase) {
  EXPECT_EQ(folded_words("ΣΤΟΠ"), folded_words("στοπ"));
  EXPECT_EQ(folded_words("ΤΕΛΟΣ"), folded_words("τελος"));
  EXPECT_EQ(folded_words("СТОП"), "стоп");
  EXPECT_EQ(folded_words("ВІДПИСКА"), "відписка");
  EXPECT_EQ(folded_words("ŞTOP"), "ştop");
  EXPECT_EQ(folded_words("ARRÊT"), "arrêt");
  EXPECT_EQ(folded_words("ԿԱՆԳ"), "կանգ");
  EXPECT_EQ(folded_words("STRASSE"), folded_words("straße"));
}

TEST(Folding, WidthCompositionAndTheTurkishDotDoNotMatter) {
  EXPECT_EQ(folded_words("ＳＴＯＰ"), "stop");
  EXPECT_EQ(folded_words("ｽﾄｯﾌﾟ"), folded_words("ストップ"));
  EXPECT_EQ(folded_words("arre\u0302t"), folded_words("arr\u00eat"));
  EXPECT_EQ(folded_words("İPTAL"), "iptal");
  EXPECT_EQ(folded_words("ÇIK"), folded_words("çık"));
  EXPECT_EQ(folded_words("s\u200dt\u200bop"), folded_words("st\u200bop"));
}

TEST(Folding, ATextIsWrittenInCapitalsOrSmallLetters) {
  EXPECT_EQ(in_capitals("árbol straße ǆ ая ς i"), "ÁRBOL STRASSE Ǆ АЯ Σ I");
  EXPECT_EQ(in_small_letters("ÁRBOL ΤΕΛΟΣ АЯ ＡＢ 🙏 1"), "árbol τελος ая ａｂ 🙏 1");
  EXPECT_EQ(in_capitals(""), "");
  EXPECT_EQ(in_small_letters("A\xFF"), "a\uFFFD");
}

TEST(Folding, AccentsStay) { EXPECT_NE(folded_words("dừng"), folded_words("dung")); }

TEST(Folding, WhatIsNoUtf8IsNoFault) { EXPECT_EQ(folded_words("\xff stop \xc3"), "stop"); }

}  // namespace
}  // namespace waypost
