// Markets: where a recipient is, as far as Meta's prices ask: by the calling code of the phone number. Pure; any
// thread.
//
//   "49"                       a country's calling code
//   "1202" within "1"          North America and the islands share 1: the area code tells them apart
//   "76", "77" within "7"      Kazakhstan shares 7 with Russia
//   "*"                        everywhere
//   ""                         not known: somebody without a phone number

#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace waypost {

inline constexpr std::string_view kEverywhere = "*";

// The narrowest one; `phone` is digits.
std::string market_of(std::string_view phone);
// Whom a status speaks of.
std::string market_of_status(const Json& status);

// Whether a price may be set for it.
bool is_market(std::string_view text);
// The next larger one it is in; "" for "*".
std::string_view wider_market(std::string_view market);

}  // namespace waypost
