// RedisValue: one reply of Redis (RESP2), owned. Any thread.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace waypost {

// The words of a command: binary safe, owned, so that nothing dangles while an ask waits.
using RedisWords = std::vector<std::string>;

struct RedisValue {
  enum class Kind { Nil, Text, Integer, Array, Error };

  Kind kind = Kind::Nil;
  std::string text;  // of a Text (also a status such as OK) or an Error
  std::int64_t integer = 0;
  std::vector<RedisValue> items;

  bool is_nil() const { return kind == Kind::Nil; }
  bool is_error() const { return kind == Kind::Error; }
};

// What an error that Redis answered ("LOADING …") is about: its first word, also when a script met it.
std::string_view redis_code(std::string_view text);

// What a caller can do about such an error: Unavailable when it passes by itself or by an operator's hand, in words
// that tell what the hand has to do; else Internal.
Error redis_error(std::string_view text);

// The value, or the Error when Redis answered one.
Result<RedisValue> judged(RedisValue value);

}  // namespace waypost
