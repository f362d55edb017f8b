// Opt-out: a customer whose whole message is a stop word wants no more messages; a start word undoes it. Pure; any
// thread. Marketing that is stopped in WhatsApp itself is another matter (conversation/account_news.h).
//
// A message counts when the customer typed or tapped it: a text, a template's button, a reply's button or list row.
// Captions, edits, reactions, forms and what is said in groups do not.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace waypost {

// Who writes the confirmations: the one author whose messages reach a contact that has opted out.
inline constexpr std::string_view kOptOutAuthor = "opt_out";
// Why what was under way for the contact ends.
inline constexpr std::string_view kOptedOut = "opted_out";

enum class OptWord { Stop, Start };

struct OptKeyword {
  std::string written{};  // as people are told
  std::string folded{};   // as it is compared
};
// What a workspace calls a stop: its setting "optOut".
struct OptOutRules {
  bool enabled = true;
  std::vector<std::string> languages{};     // whose words count (conversation/opt_words.h); the first answers
  std::vector<OptKeyword> stop_keywords{};  // the workspace's own, besides
  std::vector<OptKeyword> start_keywords{};
  std::optional<std::string> confirmation{};  // nothing: the language's; "": none is sent
  std::optional<std::string> start_confirmation{};
};
// Of a workspace's settings. What is not there, or not readable, is as by default: on, with all languages' words.
OptOutRules opt_out_rules(const Json& settings);

// The folded words of a message as Meta sent it, where they may be a keyword; nothing for all others.
std::optional<std::string> spoken_words(const Json& message);
// Both by spoken words. A word on both sides is a stop.
std::optional<OptWord> opt_word(const OptOutRules& rules, std::string_view spoken);

struct OptSaid {
  OptWord word = OptWord::Stop;
  std::string_view spoken{};
  std::optional<std::string> contact_language{};  // "es", "pt_BR" …
};
// In the contact's language where it knows the word, else in the first of the workspace's that does. "": nothing.
std::string confirmation_of(const OptOutRules& rules, const OptSaid& said);

// Where a contact stands, and since when somebody said so: by Meta's time of the word, or ours of a person's change.
struct OptStanding {
  bool opted_out = false;
  std::optional<Time> said_at{};
};
// The later word stands, whichever comes first; of one moment's the stop.
bool is_last_word(const OptStanding& standing, OptWord word, Time at);
// Of two contacts who are one person.
OptStanding united(const OptStanding& one, const OptStanding& other);

}  // namespace waypost
