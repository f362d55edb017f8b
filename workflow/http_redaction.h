// What a step shows of an HTTP exchange: everything but what signs in. It goes by names: the value of a header, a
// query parameter or a JSON member whose name speaks of a secret becomes "***". Pure; any thread.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace waypost::workflow {

inline constexpr std::string_view kHidden = "***";

// "Authorization", "Set-Cookie", "X-Api-Key", "access_token", "clientSecret", "pwd" …: rather too many than too few.
bool names_secret(std::string_view name);

// The user part and the values of such parameters. `url` may be malformed.
std::string redacted_url(std::string_view url);

// {"accept": "…", "authorization": "***"}: names in lower case, several of one name joined by commas.
Json redacted_headers(const std::vector<std::pair<std::string, std::string>>& headers);
// Of such an object.
Json redacted_header_object(Json headers);

// Members of such names, at any depth.
Json redacted_json(Json json);
// JSON and forms ("a=b&password=…") likewise, whatever their type is said to be; other text as it is.
Json redacted_body(std::string_view body);

// A body as it is kept: whole, or when its JSON has more than `most` bytes the first of them, as text.
struct KeptBody {
  Json body{};
  bool is_cut = false;
};
KeptBody kept_body(const Json& body, std::size_t most);

}  // namespace waypost::workflow
