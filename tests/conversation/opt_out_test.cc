#include "conversation/opt_out.h"

#include <gtest/gtest.h>

#include <ranges>
#include <set>

#include "base/folding.h"
#include "conversation/opt_words.h"

namespace waypost {
namespace {

using testing::Test;

Json typed(const std::string& body) { return {{"type", "text"}, {"text", {{"body", body}}}}; }

OptOutRules rules_of(const Json& opt_out) { return opt_out_rules({{"optOut", opt_out}}); }

std::optional<OptWord> word_in(const OptOutRules& rules, const Json& message) {
  const auto spoken = spoken_words(message);
  return spoken ? opt_word(rules, *spoken) : std::nullopt;
}
std::optional<OptWord> word_in(const Json& message) { return word_in(opt_out_rules(Json::object()), message); }

Time at(int seconds) { return from_millis(1'760'000'000'000 + 1'000 * seconds); }

TEST(OptOut, AWholeMessageThatSaysStopIsOne) {
  for (const char* text : {"STOP",       "stop",     " Stop. ", "STOP!!! 🙏", "Baja",    "parar",           "arrêt",
                           "Désabonner", "Abmelden", "СТОП",    "στοπ",       "Διακοπή", "ΔΙΑΚΟΠΗ",         "הסר",
                           "إيقاف",      "停止",     "退订",    "중지",       "opt-out", "Abonelikten Çık", "ＳＴＯＰ"})
    EXPECT_EQ(word_in(typed(text)), OptWord::Stop) << text;
  for (const char* text : {"start", "Alta", "СТАРТ", "reprendre", "m'abonner", "開始"})
    EXPECT_EQ(word_in(typed(text)), OptWord::Start) << text;
}

TEST(OptOut, AStopWithinAMessageIsNone) {
  for (const char* text : {"please stop", "stop it", "don't stop", "non-stop", "s t o p", "bus stop?", "stopped", "",
                           "!", "cancel", "end", "salir", "yes", "1", "baja california"})
    EXPECT_EQ(word_in(typed(text)), std::nullopt) << text;
}

TEST(OptOut, OnlyWhatTheCustomerTypedOrTappedCounts) {
  const Json reply{{"id", "1"}, {"title", "Stop"}};
  EXPECT_EQ(word_in({{"type", "button"}, {"button", {{"text", "STOP"}, {"payload", "x"}}}}), OptWord::Stop);
  EXPECT_EQ(word_in({{"type", "interactive"}, {"interactive", {{"type", "button_reply"}, {"button_reply", reply}}}}),
            OptWord::Stop);
  EXPECT_EQ(word_in({{"type", "interactive"}, {"interactive", {{"type", "list_reply"}, {"list_reply", reply}}}}),
            OptWord::Stop);
  const Json form{{"type", "nfm_reply"}, {"nfm_reply", {{"body", "stop"}, {"response_json", "{}"}}}};
  EXPECT_EQ(word_in({{"type", "interactive"}, {"interactive", form}}), std::nullopt);
  EXPECT_EQ(word_in({{"type", "image"}, {"image", {{"caption", "stop"}}}}), std::nullopt);
  EXPECT_EQ(word_in({{"type", "reaction"}, {"reaction", {{"emoji", "stop"}}}}), std::nullopt);
  EXPECT_EQ(word_in({{"type", "edit"}, {"edit", {{"original_message_id", "w"}, {"message", typed("stop")}}}}),
            std::nullopt);
  EXPECT_EQ(word_in({{"type", "system"}, {"system", {{"body", "stop"}}}}), std::nullopt);
  Json in_a_group = typed("stop");
  in_a_group["group_id"] = "g";
  EXPECT_EQ(word_in(in_a_group), std::nullopt);
  EXPECT_EQ(word_in(typed(std::string(4'000, 'a'))), std::nullopt);
}

TEST(OptOut, AWorkspaceChoosesItsWords) {
  const auto spanish = rules_of({{"languages", {"es"}}, {"stopKeywords", {"No Más"}}, {"startKeywords", {"Otra vez"}}});
  EXPECT_EQ(word_in(spanish, typed("baja")), OptWord::Stop);
  EXPECT_EQ(word_in(spanish, typed("no más!")), OptWord::Stop);
  EXPECT_EQ(word_in(spanish, typed("OTRA VEZ")), OptWord::Start);
  EXPECT_EQ(word_in(spanish, typed("abmelden")), std::nullopt);
  const auto own_only = rules_of({{"languages", Json::array()}, {"stopKeywords", {"Genug"}}});
  EXPECT_EQ(word_in(own_only, typed("genug")), OptWord::Stop);
  EXPECT_EQ(word_in(own_only, typed("stop")), std::nullopt);
  EXPECT_EQ(word_in(rules_of({{"enabled", false}}), typed("stop")), std::nullopt);
  EXPECT_EQ(word_in(rules_of({{"stopKeywords", {"x"}}, {"startKeywords", {"x"}}}), typed("x")), OptWord::Stop);
}

std::string answer(const OptOutRules& rules, const std::string& text, std::optional<std::string> language = {}) {
  const auto spoken = spoken_words(typed(text)).value();
  return confirmation_of(rules,
                         {.word = opt_word(rules, spoken).value(), .spoken = spoken, .contact_language = language});
}

TEST(OptOut, TheAnswerIsInALanguageThatKnowsTheWord) {
  const auto rules = opt_out_rules(Json::object());
  EXPECT_EQ(answer(rules, "stop"), "You will receive no more messages from us. Reply START to receive them again.");
  EXPECT_EQ(answer(rules, "baja"), "No recibirá más mensajes nuestros. Responda ALTA para volver a recibirlos.");
  EXPECT_EQ(answer(rules, "stop", "es_MX"), answer(rules, "baja"));
  EXPECT_EQ(answer(rules, "abmelden", "es"), answer(rules, "stop", "de"));
  EXPECT_EQ(answer(rules, "stop", "xx"), answer(rules, "stop"));
  EXPECT_EQ(answer(rules_of({{"languages", {"es", "en"}}}), "stop"), answer(rules, "baja"));
  EXPECT_EQ(answer(rules, "start"), "You will receive our messages again. Reply STOP to stop them.");
}

TEST(OptOut, AWorkspacesOwnAnswerNamesTheKeyword) {
  EXPECT_EQ(answer(rules_of({{"confirmation", "Done. {{keyword}}, or {{keyword}}."}}), "stop"),
            "Done. START, or START.");
  EXPECT_EQ(answer(rules_of({{"confirmation", ""}}), "stop"), "");
  EXPECT_EQ(answer(rules_of({{"startConfirmation", ""}}), "start"), "");
  EXPECT_EQ(answer(rules_of({{"startKeywords", {"Hola"}}, {"confirmation", "{{keyword}}"}}), "stop"), "Hola");
  EXPECT_EQ(answer(rules_of({{"languages", Json::array()}, {"stopKeywords", {"genug"}}}), "genug"),
            answer(opt_out_rules(Json::object()), "stop"));
  EXPECT_EQ(answer(rules_of({{"startKeywords", {"{{keyword}}"}}, {"confirmation", "{{keyword}}"}}), "stop"),
            "{{keyword}}");
}

TEST(OptOut, SettingsThatAreNotReadableAreTheDefaults) {
  for (const Json& bad :
       {Json(), Json(7), Json{{"optOut", "on"}}, Json{{"optOut", {{"languages", 7}, {"enabled", "?"}}}}})
    EXPECT_EQ(word_in(opt_out_rules(bad), typed("stop")), OptWord::Stop) << bad;
}

TEST(OptOut, TheLaterWordStandsAndOfOneMomentTheStop) {
  const OptStanding never{};
  EXPECT_TRUE(is_last_word(never, OptWord::Stop, at(0)));
  const OptStanding started{.opted_out = false, .said_at = at(10)};
  EXPECT_FALSE(is_last_word(started, OptWord::Stop, at(9)));
  EXPECT_TRUE(is_last_word(started, OptWord::Stop, at(10)));
  EXPECT_TRUE(is_last_word(started, OptWord::Stop, at(11)));
  const OptStanding stopped{.opted_out = true, .said_at = at(10)};
  EXPECT_FALSE(is_last_word(stopped, OptWord::Start, at(9)));
  EXPECT_FALSE(is_last_word(stopped, OptWord::Start, at(10)));
  EXPECT_TRUE(is_last_word(stopped, OptWord::Start, at(11)));
}

// Whatever order they come in, and however they are split over two contacts who turn out to be one.
TEST(OptOut, AnyOrderOfWordsEndsTheSame) {
  struct Said {
    OptWord word;
    int second;
  };
  std::vector<Said> words{{OptWord::Stop, 1}, {OptWord::Start, 2}, {OptWord::Stop, 3}, {OptWord::Start, 3}};
  const auto hear = [](OptStanding standing, const Said& said) {
    if (!is_last_word(standing, said.word, at(said.second))) return standing;
    return OptStanding{.opted_out = said.word == OptWord::Stop, .said_at = at(said.second)};
  };
  std::ranges::sort(words, {}, [](const Said& said) { return std::pair(said.second, said.word); });
  const auto less = [](const Said& a, const Said& b) {
    return std::pair(a.second, a.word) < std::pair(b.second, b.word);
  };
  do {
    for (std::size_t split = 0; split <= words.size(); ++split) {
      OptStanding one;
      OptStanding other;
      for (std::size_t n = 0; n < words.size(); ++n) {
        auto& whose = n < split ? one : other;
        whose = hear(whose, words[n]);
      }
      EXPECT_TRUE(united(one, other).opted_out);
      EXPECT_EQ(united(other, one).said_at, at(3));
    }
  } while (std::ranges::next_permutation(words, less).found);
}

TEST(OptWords, NoWordIsBothOrUnreadableAndEveryAnswerNamesTheOther) {
  std::set<std::string> stops;
  std::set<std::string> starts;
  const auto collect = [](std::string_view words, std::set<std::string>& into) {
    for (const auto one : std::views::split(words, '|')) {
      const auto folded = folded_words(std::string_view(one));
      EXPECT_FALSE(folded.empty()) << words;
      into.insert(folded);
    }
  };
  for (const auto& language : opt_languages()) {
    collect(language.stop, stops);
    collect(language.start, starts);
    for (const auto text : {language.stopped, language.started})
      EXPECT_NE(text.find("{{keyword}}"), std::string_view::npos) << language.code;
    EXPECT_EQ(opt_language(language.code), &language) << "twice in the table: " << language.code;
  }
  for (const auto& word : stops) EXPECT_FALSE(starts.contains(word)) << word;
}

}  // namespace
}  // namespace waypost
