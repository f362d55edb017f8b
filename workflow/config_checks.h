// Members of configurations, checked: what the faults() of several families ask. null counts as not there. Pure; any
// thread.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace waypost::workflow {

// A fault when the member is there and is no list of some of these words, or an empty one.
void check_words(std::vector<FieldError>& faults, const Json& config, std::string_view key,
                 std::span<const std::string_view> words);

// A fault when the member is there and is none of these words.
void check_word(std::vector<FieldError>& faults, const Json& config, std::string_view key,
                std::span<const std::string_view> words);

// Faults when a member is there and is of another type. null counts as not there.
void check_text(std::vector<FieldError>& faults, const Json& config, std::string_view key);
void check_flag(std::vector<FieldError>& faults, const Json& config, std::string_view key);
struct Range {
  std::int64_t least = 0;
  std::int64_t most = 0;
};
void check_whole(std::vector<FieldError>& faults, const Json& config, std::string_view key, Range range);

// The texts of a list; what is no text is left out.
std::vector<std::string> texts_in(const Json& config, std::string_view key);

// The member, or nothing when it is null or not there.
const Json* given(const Json& config, std::string_view key);

}  // namespace waypost::workflow
