// UTF-8: checking, mending, counting and cutting by Unicode scalar. Any thread.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace waypost {

bool valid_utf8(std::string_view text);
// Every byte that is no part of a valid sequence becomes U+FFFD.
std::string mended_utf8(std::string_view text);
// Valid UTF-8 without U+0000, for text columns.
std::string storable_text(std::string_view text);

// Scalars in valid UTF-8. Meta counts "characters" without a unit; this is ours.
std::size_t count_characters(std::string_view text);
// The first `characters` scalars.
std::string_view first_characters(std::string_view text, std::size_t characters);
// As many whole scalars as `bytes` hold.
std::string_view first_bytes(std::string_view text, std::size_t bytes);

std::string lower_ascii(std::string_view text);
std::string_view trimmed(std::string_view text);

}  // namespace waypost
