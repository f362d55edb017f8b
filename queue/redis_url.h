// Where Redis is: the text of the setting redis.url, taken apart. Any thread.

#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/secret.h"

namespace waypost {

struct RedisAddress {
  std::string socket;  // a unix socket's path; empty: host and port
  std::string host;
  std::string port = "6379";
  std::string user;  // empty with a password: Redis' default user
  Secret password;
  int database = 0;
  bool tls = false;

  // For logs: the place without the password.
  std::string place() const;
};

// "unix:/path/redis.sock", with "?user=…&password=…&db=…" where needed, "redis://user:password@host:port/db", or
// "rediss://…" for TLS. InvalidInput, in words that repeat nothing of the text.
Result<RedisAddress> parse_redis_url(const Secret& url);
// "host:port" or "[IPv6]:port": where a sentinel is. InvalidInput.
Result<RedisAddress> parse_redis_place(const std::string& text);

}  // namespace waypost
