#include "api/channel_work.h"

#include <utility>
#include <vector>

#include "base/log.h"
#include "store/channel_work.h"

namespace waypost::api {
namespace {

constexpr std::size_t kMostOffered = 5'000;

std::vector<Signal> signals_of(const std::vector<store::WorkKey>& keys, QueueName queue, ChannelId channel) {
  std::vector<Signal> signals;
  for (const auto& key : keys) {
    signals.push_back({.queue = queue,
                       .key = {.owner = key.tenant,
                               .key = key.conversation,
                               .stream = key.stream == "bulk" ? Stream::Bulk : Stream::Reply}});
    if (queue == QueueName::Sends) signals.back().key.channel = channel;
  }
  return signals;
}

}  // namespace

awaitable<void> offer_channel(Shared& shared, TenantId tenant, ChannelId channel, QueueName queue) {
  const auto keys = co_await shared.database.read([tenant, channel, queue](sql::Connection& connection) {
    return queue == QueueName::Sends ? store::sends_of_channel(connection, tenant, channel, kMostOffered)
                                     : store::runs_of_channel(connection, tenant, channel, kMostOffered);
  });
  if (!keys) {
    log::warn("channel {}: what waits of it goes on within a minute: {}", channel.text(), keys.error().words());
    co_return;
  }
  if (!keys->empty()) shared.parts.signals->offer(signals_of(*keys, queue, channel));
}

}  // namespace waypost::api
