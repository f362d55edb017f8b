// RedisDoor: opens connections to Redis: finds the primary, connects, signs in, and makes sure that it is one.
//
//   redis.url ────────────────────────────────▶ connect ──▶ AUTH, SELECT, ROLE, PING ──▶ open
//   sentinels ──▶ SENTINEL GET-MASTER-ADDR… ──▶
//
// Sentinels are asked in their order, from the one whose answer led to a primary last; behind an answer that led to
// none the next try begins with the next sentinel, so that one who is cut off from the others holds nobody up. Loop
// only. Whoever awaits it keeps it alive.

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "net/asio.h"
#include "queue/redis_connection.h"
#include "queue/redis_url.h"

namespace waypost {

struct RedisLinkSettings;

class RedisDoor {
 public:
  // InvalidInput: a URL, a sentinel or a file of authorities that is none.
  static Result<RedisDoor> make(asio::any_io_executor loop, const RedisLinkSettings& settings);

  using Opened = Result<std::shared_ptr<RedisConnection>>;
  // One try. Unavailable in words that tell an operator what to do, and never hold a password.
  awaitable<Opened> open();
  // Ends the connection opened last, a try in progress, and every later one.
  void shut(const std::string& why);

  // For logs: where it connected last, or the sentinels' name for it.
  const std::string& place() const { return place_; }

 private:
  RedisDoor() = default;
  awaitable<Result<RedisAddress>> primary();
  awaitable<Result<RedisAddress>> ask_sentinel(RedisAddress sentinel);
  awaitable<Opened> open_primary(RedisAddress address);
  awaitable<Opened> connected(RedisAddress address);
  void pass_sentinel();

  // Constant after make().
  asio::any_io_executor loop_;
  std::chrono::milliseconds limit_{};
  RedisAddress address_;
  RedisTls tls_;
  std::vector<RedisAddress> sentinels_;
  std::string sentinel_name_;

  std::size_t sentinel_ = 0;  // asked first
  std::string place_;
  std::shared_ptr<RedisConnection> last_;
  std::string shut_;  // why; empty while it is not
};

}  // namespace waypost
