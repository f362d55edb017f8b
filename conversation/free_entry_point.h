// The free entry point: a customer comes from an ad (Click to WhatsApp), the business answers within 24 hours, and from
// that answer on messages are free for 72 hours. Apart from the service window: free-form messages still need an open
// one. Pure. Source: Meta, "Pricing", free entry point windows; the facts' section 3.7.
//
// Nothing of it is decided when something comes, but when somebody asks, from all that is known by then: so the order
// in which messages and statuses come does not matter.

#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace waypost {

inline constexpr std::chrono::hours kFreeEntryAnswer{24};
inline constexpr std::chrono::hours kFreeEntryWindow{72};

// A message that came from an ad.
struct FreeEntryReferral {
  Time at{};                          // Meta's time of it
  std::optional<Time> answered_at{};  // the first message that Meta sent for the business from then on, by its status
};
// A status that says its message was in a free entry point window.
struct FreeEntryWord {
  Time at{};
  std::optional<Time> ends_at{};  // where it says so
};

struct FreeEntryWindow {
  Time opens_at{};
  Time expires_at{};
};
// The one that ends last. Nothing where none was ever opened.
std::optional<FreeEntryWindow> free_entry_window(std::vector<FreeEntryReferral> referrals,
                                                 std::vector<FreeEntryWord> words);

// Of a status as Meta sent it: conversation.origin.type referral_conversion, or pricing.type free_entry_point.
std::optional<FreeEntryWord> free_entry_word(const Json& status);

}  // namespace waypost
