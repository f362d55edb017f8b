#include "queue/redis_value.h"

#include <algorithm>
#include <array>

namespace waypost {

namespace {

struct Passing {
  std::string_view code;
  std::string_view words;
};

// Codes that speak of the server's state, not of our command (redis.io, "RESP protocol", and Redis 7's server.c).
constexpr std::array kPassing = {
    Passing{"OOM", "Redis is out of memory (maxmemory): raise it with CONFIG SET and in redis.conf"},
    Passing{"READONLY",
            "this Redis is a replica and takes no writes: name its primary in redis.url, or redis.sentinels"},
    Passing{"MISCONF", "Redis cannot save its data and takes no writes: look at its disk and its log"},
    Passing{"LOADING", "Redis loads its data, and serves when it has"},
    Passing{"BUSY", "a script holds Redis up: end it with SCRIPT KILL or FUNCTION KILL"},
    Passing{"UNKILLABLE", "a script that has written holds Redis up: wait for it, or restart Redis"},
    Passing{"MASTERDOWN", "this Redis is a replica without its primary: bring that back, or promote a replica"},
    Passing{"CLUSTERDOWN", "the Redis cluster serves no keys: look at redis-cli --cluster check"},
    Passing{"MOVED", "another node of the Redis cluster has the keys {waypost}: name that one in redis.url"},
    Passing{"TRYAGAIN", "the Redis cluster moves our keys, and serves them when it has"},
    Passing{"NOREPLICAS", "Redis has too few replicas (min-replicas-to-write) and takes no writes: bring them back"},
    Passing{"NOAUTH", "Redis wants a password: name it in redis.url, a sentinel's in redis.sentinel_password"},
    Passing{"WRONGPASS",
            "Redis refuses the user or the password: correct redis.url (of a sentinel redis.sentinel_password), or "
            "Redis' user"},
    Passing{"NOPERM", "the Redis user may not do what Waypost does: give it the rights in docs/operations.md"},
    Passing{"NOSCRIPT", "Redis has forgotten its scripts (SCRIPT FLUSH): they are sent again"},
};

// Redis 7 answers a script that lacks a right with ERR and one of these.
bool lacks_right(std::string_view text) {
  return text.contains("user executing the script can't") || text.contains("ACL failure in script");
}

// Redis 6 hands on what a script met as "ERR Error running script (…): @user_script:1: @user_script: 1: -OOM …".
std::string_view met_by_script(std::string_view text) {
  const auto at = text.contains("@user_script") ? text.find(": -") : std::string_view::npos;
  return at == std::string_view::npos ? text : text.substr(at + 3);
}

}  // namespace

std::string_view redis_code(std::string_view text) {
  if (lacks_right(text)) return "NOPERM";
  const auto met = text.starts_with("ERR ") ? met_by_script(text) : text;
  return met.substr(0, met.find(' '));
}

Error redis_error(std::string_view text) {
  const auto found = std::ranges::find(kPassing, redis_code(text), &Passing::code);
  if (found == kPassing.end()) return Error(ErrorKind::Internal, "Redis: " + std::string(text));
  return Error(ErrorKind::Unavailable, std::string(found->words) + " (" + std::string(text) + ")");
}

Result<RedisValue> judged(RedisValue value) {
  if (value.is_error()) return fail(redis_error(value.text));
  return value;
}

}  // namespace waypost
