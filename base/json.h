// JSON from outside, made safe: bounded depth, lone surrogates mended, U+0000 taken out; and readers that never throw.
// Any thread.

#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace waypost {

using Json = nlohmann::json;

// Deeper input is refused: nlohmann's dump() recurses.
inline constexpr int kJsonDepth = 64;

// Parses text from outside. Lone surrogate escapes and invalid UTF-8 become U+FFFD, U+0000 becomes U+FFFD (no text
// column takes it). InvalidInput says where.
Result<Json> parse_json(std::string_view text);

// Never throws; what is not UTF-8 becomes U+FFFD.
std::string dump(const Json& json);

// The member when it is there and of that type, else nothing. `json` may be of any type.
const Json* find(const Json& json, std::string_view key);
const Json* find_object(const Json& json, std::string_view key);
const Json* find_array(const Json& json, std::string_view key);
std::optional<std::string> find_text(const Json& json, std::string_view key);
std::optional<bool> find_bool(const Json& json, std::string_view key);
// An integer, or a string that is one: Meta writes both.
std::optional<std::int64_t> find_integer(const Json& json, std::string_view key);

// The text or "".
std::string text_or_empty(const Json& json, std::string_view key);

}  // namespace waypost
