#include "conversation/free_entry_point.h"

#include <algorithm>

#include "conversation/meta_time.h"

namespace waypost {
namespace {

using Windows = std::vector<FreeEntryWindow>;

bool is_answered_in_time(const FreeEntryReferral& referral) {
  return referral.answered_at && *referral.answered_at >= referral.at &&
         *referral.answered_at <= referral.at + kFreeEntryAnswer;
}

bool covers(const FreeEntryWindow& window, Time at) { return window.opens_at <= at && at < window.expires_at; }

// A word that no referral explains stands for a window itself: the message that came from the ad was not seen.
void hear(Windows& windows, const FreeEntryWord& word) {
  const auto known = std::ranges::find_if(windows, [&](const auto& window) { return covers(window, word.at); });
  if (known == windows.end()) {
    const Time opens_at = word.ends_at ? std::min(word.at, *word.ends_at - kFreeEntryWindow) : word.at;
    windows.push_back({.opens_at = opens_at, .expires_at = word.ends_at.value_or(word.at + kFreeEntryWindow)});
  } else if (word.ends_at) {
    known->expires_at = *word.ends_at;
  }
}

bool is_free(const Json& status) {
  const Json* conversation = find_object(status, "conversation");
  const Json* origin = conversation ? find_object(*conversation, "origin") : nullptr;
  if (origin && text_or_empty(*origin, "type") == "referral_conversion") return true;
  const Json* pricing = find_object(status, "pricing");
  return pricing && text_or_empty(*pricing, "type") == "free_entry_point";
}

}  // namespace

std::optional<FreeEntryWindow> free_entry_window(std::vector<FreeEntryReferral> referrals,
                                                 std::vector<FreeEntryWord> words) {
  Windows windows;
  for (const auto& referral : referrals) {
    if (!is_answered_in_time(referral)) continue;
    windows.push_back({.opens_at = *referral.answered_at, .expires_at = *referral.answered_at + kFreeEntryWindow});
  }
  // Ends that Meta named first, so that a word without one finds the window that they make.
  std::ranges::sort(words, {}, [](const auto& word) { return std::pair(!word.ends_at, word.at); });
  for (const auto& word : words) hear(windows, word);
  const auto last = std::ranges::max_element(windows, {}, &FreeEntryWindow::expires_at);
  return last == windows.end() ? std::nullopt : std::optional(*last);
}

std::optional<FreeEntryWord> free_entry_word(const Json& status) {
  const auto at = meta_time(status, "timestamp");
  if (!at || !is_free(status)) return std::nullopt;
  const Json* conversation = find_object(status, "conversation");
  return FreeEntryWord{.at = *at,
                       .ends_at = conversation ? meta_time(*conversation, "expiration_timestamp") : std::nullopt};
}

}  // namespace waypost
