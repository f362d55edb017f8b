// Variables: "{{contact.name}}" in texts, bare paths in conditions. Every function is total: an unknown variable is
// empty text and named, an unfinished placeholder stays as it is written, and what is filled in is not read again.
// Pure; any thread.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace waypost::workflow {

// The longest text that filling gives; 16 WhatsApp messages of 4,096 characters in ASCII. The rest is cut.
inline constexpr std::size_t kFilledBytes = 64 << 10;

// First segments that a path may have.
inline constexpr std::string_view kRoots[] = {"contact", "conversation", "message", "timestamp"};
bool is_known_root(std::string_view path);

struct Filled {
  std::string text{};
  std::vector<std::string> unknown{};  // each once, in order
};

// `scope` holds the values by their paths: {"contact": {"name": …, "fields": {…}}, …} (scope.h).
Filled fill(std::string_view text, const Json& scope);

struct FilledValue {
  Json value{};
  std::vector<std::string> unknown{};
};

// The same of JSON: every text within is filled; one that is a single placeholder and nothing else becomes the value
// itself, of whatever type, null where it is unknown.
FilledValue fill_value(const Json& json, const Json& scope);

// The paths of the placeholders in the text, as written.
std::vector<std::string> variables_in(std::string_view text);

// The value of a path ("contact.fields.x"; also "{{contact.fields.x}}"), or null. A key with dots is found too.
const Json* look_up(const Json& scope, std::string_view path);

// How a value reads in a text: a list by commas, null as nothing, an object as nothing.
std::string text_of(const Json& value);

}  // namespace waypost::workflow
