// SharedPacing: the paces of outbound/pacing.h over all nodes, by buckets in Redis. It is asked behind the node's own,
// which knows who waits; without other nodes it lets everybody go. Loop only.

#pragma once

#include <optional>

#include "config/settings.h"
#include "net/asio.h"
#include "outbound/pacing.h"

namespace waypost {

class RateBuckets;

class SharedPacing {
 public:
  // `buckets` may be null, and outlives it.
  SharedPacing(RateBuckets* buckets, const SendingSettings& settings) : buckets_(buckets), settings_(settings) {}

  // Nothing: it may go, and its turn is taken. Else so long nobody of its kind may. `per_second`: what the number may
  // send by what this node knows. While Redis is away each node keeps its own pace alone.
  awaitable<std::optional<milliseconds>> wait(PaceKey key, double per_second);
  awaitable<void> pause_number(ChannelId number, double per_second, milliseconds pause);

 private:
  RateBuckets* buckets_;
  const SendingSettings settings_;
};

}  // namespace waypost
