// Values: how one is found in a scope by its path, how it reads in a text, and how large it may be to be taken along.
// Pure; any thread.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace waypost::workflow {

// The longest text that an expression or a filled text gives; 16 WhatsApp messages of 4,096 characters in ASCII. The
// rest is cut; of a list or an object, which cannot be cut, nothing is taken.
inline constexpr std::size_t kFilledBytes = 64 << 10;

// The deepest nesting that filling gives: half of what base/json.h reads, since steps and events nest it further.
// Without a limit a field that takes itself into a list gains a level each run until nobody can read it.
inline constexpr int kFilledDepth = 32;

// The value of a path ("contact.fields.x"; also "{{contact.fields.x}}"), or null. A member of a list goes by its place,
// 0 the first, -1 the last. A key with dots is found too: the longest end of the path first, then from short to long.
const Json* look_up(const Json& scope, std::string_view path);

// How a value reads in a text: a list by commas, null as nothing, an object as nothing.
std::string text_of(const Json& value);

// Whether it reads as nothing because it is: null, an empty text, an empty list.
bool is_nothing(const Json& value);

// About how many bytes its JSON has. Nothing when they are more than `most`, and when it nests deeper than `depth`
// levels; [1] has one level.
std::optional<std::size_t> bytes_of(const Json& value, std::size_t most, int depth);

// The path without space and braces around it.
std::string_view bare_path(std::string_view path);

}  // namespace waypost::workflow
