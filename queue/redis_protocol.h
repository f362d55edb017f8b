// The Redis protocol without I/O: commands to bytes, bytes to replies, by hiredis. RESP2 only (hiredis 0.14 knows no
// other: never send HELLO 3). Loop only.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "queue/redis_value.h"

struct redisReader;

namespace waypost {

std::string formatted(const RedisWords& words);

class ReplyReader {
 public:
  ReplyReader();

  // The replies that are complete with these bytes. An Error (Unavailable) is final: the stream makes no sense any
  // more.
  Result<std::vector<RedisValue>> feed(std::string_view bytes);

 private:
  struct Free {
    void operator()(redisReader* reader) const noexcept;
  };
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace waypost
