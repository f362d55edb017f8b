#include "queue/redis_value.h"

#include <algorithm>
#include <array>

namespace waypost {

namespace {

// Codes that speak of the server's state, not of our command (redis.io, "RESP protocol", and Redis 7's server.c).
constexpr std::array<std::string_view, 13> kPassing = {
    "LOADING",    "OOM",  "MISCONF", "READONLY",  "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN",
    "NOREPLICAS", "BUSY", "NOAUTH",  "WRONGPASS", "NOPERM",     "UNKILLABLE"};

}  // namespace

Error redis_error(std::string_view text) {
  const auto code = text.substr(0, text.find(' '));
  const bool passing = std::ranges::find(kPassing, code) != kPassing.end();
  return Error(passing ? ErrorKind::Unavailable : ErrorKind::Internal, "Redis: " + std::string(text));
}

Result<RedisValue> judged(RedisValue value) {
  if (value.is_error()) return fail(redis_error(value.text));
  return value;
}

}  // namespace waypost
