#include "api/workspace_settings.h"

#include <algorithm>
#include <array>

#include "api/ai_setting.h"
#include "base/folding.h"
#include "base/time_zone.h"
#include "conversation/opt_out.h"
#include "conversation/opt_words.h"

namespace waypost::api {
namespace {

constexpr std::int64_t kMostPauseMinutes = 7 * 24 * 60;
constexpr std::size_t kMostKeywords = 50;
constexpr std::size_t kMostKeywordCharacters = 40;
constexpr std::size_t kMostConfirmationCharacters = 1'024;

std::string known_languages() {
  std::string codes;
  for (const auto& language : opt_languages()) codes += (codes.empty() ? "" : ", ") + std::string(language.code);
  return codes;
}

void check_languages(Input& input, const std::vector<std::string>& languages) {
  for (std::size_t at = 0; at < languages.size(); ++at) {
    if (!opt_language(languages[at]))
      input.complain("languages." + std::to_string(at),
                     "No words are known of this language; of these they are: " + known_languages());
  }
}

void check_keywords(Input& input, std::string_view key, const std::vector<std::string>& words) {
  if (words.size() > kMostKeywords)
    input.complain(key, "Array must contain at most " + std::to_string(kMostKeywords) + " element(s)");
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (folded_words(words[at]).empty())
      input.complain(std::string(key) + "." + std::to_string(at), "A keyword needs a letter or a digit");
  }
}

void check_unknown(Input& input, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : input.body().items()) {
    if (std::ranges::find(known, key) == known.end()) input.complain(key, "There is no such setting");
  }
}

// A word on both sides could never undo anything.
void check_sides(Input& input, const Json& read) {
  const auto rules = opt_out_rules({{"optOut", read}});
  for (std::size_t at = 0; at < rules.start_keywords.size(); ++at) {
    if (opt_word({.languages = rules.languages, .stop_keywords = rules.stop_keywords},
                 rules.start_keywords[at].folded) == OptWord::Stop)
      input.complain("startKeywords." + std::to_string(at), "This is a stop keyword");
  }
}

Json read_opt_out(Input& input) {
  Json read = Json::object();
  check_unknown(input, {"enabled", "languages", "stopKeywords", "startKeywords", "confirmation", "startConfirmation"});
  if (const auto enabled = input.maybe_bool("enabled")) read["enabled"] = *enabled;
  if (const auto languages = input.maybe_texts("languages", 15)) {
    check_languages(input, *languages);
    read["languages"] = *languages;
  }
  for (const std::string_view key : {"stopKeywords", "startKeywords"}) {
    const auto words = input.maybe_texts(key, kMostKeywordCharacters);
    if (!words) continue;
    check_keywords(input, key, *words);
    read[key] = *words;
  }
  for (const std::string_view key : {"confirmation", "startConfirmation"}) {
    const auto text = input.maybe_text(key, {.least = 0, .most = kMostConfirmationCharacters});
    if (text) read[key] = *text;
  }
  check_sides(input, read);
  return read;
}

Json read_coexistence(Input& input) {
  Json read = Json::object();
  check_unknown(input, {"echoPauseMinutes"});
  if (const auto minutes = input.maybe_integer("echoPauseMinutes", 0, kMostPauseMinutes))
    read["echoPauseMinutes"] = *minutes;
  return read;
}

Json read_broadcasts(Input& input) {
  Json read = Json::object();
  check_unknown(input, {"stopsAtLowQuality"});
  if (const auto stops = input.maybe_bool("stopsAtLowQuality")) read["stopsAtLowQuality"] = *stops;
  return read;
}

Json read_automation(Input& input) {
  Json read = Json::object();
  check_unknown(input, {"agentPauseMinutes"});
  if (const auto minutes = input.maybe_integer("agentPauseMinutes", 0, kMostPauseMinutes))
    read["agentPauseMinutes"] = *minutes;
  return read;
}

// The key is not among what is read (ai_setting.h); `hasApiKey` is what a client was shown and gives back.
Json read_language_model(Input& input) {
  check_unknown(input, {"baseUrl", "model", "apiKey", "hasApiKey", "inputPrice", "outputPrice", "currency"});
  return read_ai(input);
}

using ReadSetting = Json (*)(Input&);
struct Setting {
  std::string_view key;
  ReadSetting read;
};
constexpr std::array kSettings{
    Setting{.key = "optOut", .read = read_opt_out}, Setting{.key = "coexistence", .read = read_coexistence},
    Setting{.key = "broadcasts", .read = read_broadcasts}, Setting{.key = "automation", .read = read_automation},
    Setting{.key = "ai", .read = read_language_model}};

Json read_one(Input& input, const Setting& setting, const Json& given) {
  const std::string path = "settings." + std::string(setting.key);
  if (!given.is_object()) {
    input.complain(path, "Expected object or null");
    return {};
  }
  Input inner(given);
  Json read = setting.read(inner);
  if (const auto fine = inner.end(); !fine) {
    for (const auto& field : fine.error().fields()) input.complain(path + "." + field.path, field.message);
  }
  return read;
}

// The one setting that is a text.
constexpr std::string_view kTimeZone = "timeZone";

Json read_time_zone(Input& input, const Json& given) {
  const bool known = given.is_string() && is_time_zone(given.get<std::string>());
  if (!known && !given.is_null())
    input.complain("settings.timeZone", "Expected a time zone like Europe/Berlin, or null");
  return given;
}

}  // namespace

Json read_settings(Input& input) {
  Json read = Json::object();
  const Json* given = input.maybe_object("settings");
  if (!given) return read;
  for (const auto& [key, value] : given->items()) {
    const auto* known = std::ranges::find(kSettings, key, &Setting::key);
    if (key == kTimeZone) {
      read[key] = read_time_zone(input, value);
    } else if (known == kSettings.end()) {
      input.complain("settings." + key, "There is no such setting");
    } else {
      read[key] = value.is_null() ? Json() : read_one(input, *known, value);
    }
  }
  return read;
}

}  // namespace waypost::api
