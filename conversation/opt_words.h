// The words by which people everywhere opt out and in again, and what is answered, by language. Data; any thread.
//
// A word stands here when a whole message that says it means that and next to nothing else: "cancel", "end", "salir"
// and their like do not, because menus and orders use them. A workspace adds what its customers say
// (conversation/opt_out.h).

#pragma once

#include <span>
#include <string_view>

namespace waypost {

// Words are parted by '|', and the first start word is the one that is named to people. In the answers {{keyword}}
// stands for the word that undoes it.
struct OptLanguage {
  std::string_view code{};  // ISO 639-1
  std::string_view stop{};
  std::string_view start{};
  std::string_view stopped{};  // answered to a stop word
  std::string_view started{};
};

// In the order in which a word that several languages know is answered.
std::span<const OptLanguage> opt_languages();
// Nothing when it is not in the table.
const OptLanguage* opt_language(std::string_view code);

}  // namespace waypost
