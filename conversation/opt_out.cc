#include "conversation/opt_out.h"

#include <algorithm>
#include <ranges>
#include <unordered_map>
#include <utility>

#include "base/folding.h"
#include "conversation/opt_words.h"

namespace waypost {
namespace {

// No keyword is longer; most messages are, and need not be folded.
constexpr std::size_t kMostBytes = 256;
constexpr std::string_view kKeywordPlace = "{{keyword}}";

std::vector<std::string> texts_of(const Json& object, std::string_view key) {
  std::vector<std::string> texts;
  const Json* list = find_array(object, key);
  for (const auto& one : list ? *list : Json::array()) {
    if (one.is_string()) texts.push_back(one.get<std::string>());
  }
  return texts;
}

std::vector<OptKeyword> keywords_of(const Json& object, std::string_view key) {
  std::vector<OptKeyword> keywords;
  for (auto& written : texts_of(object, key)) {
    auto folded = folded_words(written);
    keywords.push_back({.written = std::move(written), .folded = std::move(folded)});
  }
  return keywords;
}

std::vector<std::string> all_languages() {
  std::vector<std::string> codes;
  for (const auto& language : opt_languages()) codes.emplace_back(language.code);
  return codes;
}

std::string_view first_of(std::string_view words) { return words.substr(0, words.find('|')); }

struct Meaning {
  std::string_view language{};
  OptWord word = OptWord::Stop;
};
using Meanings = std::unordered_multimap<std::string, Meaning>;

void add_words(Meanings& meanings, std::string_view words, const Meaning& meaning) {
  for (const auto one : std::views::split(words, '|')) meanings.emplace(folded_words(std::string_view(one)), meaning);
}

Meanings fold_all() {
  Meanings all;
  for (const auto& language : opt_languages()) {
    add_words(all, language.stop, {.language = language.code, .word = OptWord::Stop});
    add_words(all, language.start, {.language = language.code, .word = OptWord::Start});
  }
  return all;
}

// Every word of the table, folded once.
const Meanings& meanings() {
  static const Meanings all = fold_all();
  return all;
}

bool knows(std::string_view language, OptWord word, std::string_view spoken) {
  const auto [first, last] = meanings().equal_range(std::string(spoken));
  return std::any_of(first, last,
                     [&](const auto& entry) { return entry.second.word == word && entry.second.language == language; });
}

bool says(const OptOutRules& rules, OptWord word, std::string_view spoken) {
  const auto& own = word == OptWord::Stop ? rules.stop_keywords : rules.start_keywords;
  if (std::ranges::find(own, spoken, &OptKeyword::folded) != own.end()) return true;
  const auto [first, last] = meanings().equal_range(std::string(spoken));
  return std::any_of(first, last, [&](const auto& entry) {
    const auto& [language, meant] = entry.second;
    return meant == word && std::ranges::find(rules.languages, language) != rules.languages.end();
  });
}

std::string primary_subtag(std::string_view language) {
  return std::string(language.substr(0, language.find_first_of("_-")));
}

// The languages that may answer, the best one first.
std::vector<const OptLanguage*> answering(const OptOutRules& rules, const OptSaid& said) {
  std::vector<const OptLanguage*> languages;
  if (said.contact_language) languages.push_back(opt_language(primary_subtag(*said.contact_language)));
  for (const auto& code : rules.languages) languages.push_back(opt_language(code));
  std::erase(languages, nullptr);
  return languages;
}

const OptLanguage& language_of_answer(const OptOutRules& rules, const OptSaid& said) {
  const auto languages = answering(rules, said);
  for (const auto* language : languages) {
    if (knows(language->code, said.word, said.spoken)) return *language;
  }
  return languages.empty() ? opt_languages().front() : *languages.front();
}

// What undoes it: the workspace's own word, else the language's.
std::string undoing(const OptOutRules& rules, OptWord word, const OptLanguage& language) {
  const auto& own = word == OptWord::Stop ? rules.start_keywords : rules.stop_keywords;
  if (!own.empty()) return own.front().written;
  return std::string(first_of(word == OptWord::Stop ? language.start : language.stop));
}

}  // namespace

OptOutRules opt_out_rules(const Json& settings) {
  const Json* given = find_object(settings, "optOut");
  if (!given) return {.languages = all_languages()};
  return {.enabled = find_bool(*given, "enabled").value_or(true),
          .languages = find_array(*given, "languages") ? texts_of(*given, "languages") : all_languages(),
          .stop_keywords = keywords_of(*given, "stopKeywords"),
          .start_keywords = keywords_of(*given, "startKeywords"),
          .confirmation = find_text(*given, "confirmation"),
          .start_confirmation = find_text(*given, "startConfirmation")};
}

std::optional<std::string> spoken_words(const Json& message) {
  if (find(message, "group_id")) return std::nullopt;
  const auto type = text_or_empty(message, "type");
  const Json* payload = find_object(message, type);
  std::optional<std::string> words;
  if (payload && type == "text") words = find_text(*payload, "body");
  if (payload && type == "button") words = find_text(*payload, "text");
  for (const std::string_view reply : {"button_reply", "list_reply"}) {
    const Json* chosen = payload && type == "interactive" ? find_object(*payload, reply) : nullptr;
    if (chosen) words = find_text(*chosen, "title");
  }
  if (!words || words->size() > kMostBytes) return std::nullopt;
  auto folded = folded_words(*words);
  return folded.empty() ? std::nullopt : std::optional(std::move(folded));
}

std::optional<OptWord> opt_word(const OptOutRules& rules, std::string_view spoken) {
  if (!rules.enabled || spoken.empty()) return std::nullopt;
  if (says(rules, OptWord::Stop, spoken)) return OptWord::Stop;
  if (says(rules, OptWord::Start, spoken)) return OptWord::Start;
  return std::nullopt;
}

std::string confirmation_of(const OptOutRules& rules, const OptSaid& said) {
  const auto& language = language_of_answer(rules, said);
  const bool stops = said.word == OptWord::Stop;
  const auto& own = stops ? rules.confirmation : rules.start_confirmation;
  std::string text = own ? *own : std::string(stops ? language.stopped : language.started);
  const auto keyword = undoing(rules, said.word, language);
  for (auto at = text.find(kKeywordPlace); at != std::string::npos; at = text.find(kKeywordPlace, at + keyword.size()))
    text.replace(at, kKeywordPlace.size(), keyword);
  return text;
}

bool is_last_word(const OptStanding& standing, OptWord word, Time at) {
  if (!standing.said_at || at > *standing.said_at) return true;
  return at == *standing.said_at && word == OptWord::Stop;
}

OptStanding united(const OptStanding& one, const OptStanding& other) {
  if (one.said_at == other.said_at) return {.opted_out = one.opted_out || other.opted_out, .said_at = one.said_at};
  return one.said_at < other.said_at ? other : one;
}

}  // namespace waypost
