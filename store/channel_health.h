// Channel health: what the last look at a channel showed (conversation/channel_health.h), one row a channel. Lane only.

#pragma once

#include <optional>
#include <vector>

#include "base/json.h"
#include "store/channels.h"

namespace waypost::store {

struct ChannelHealth {
  TenantId tenant{};
  ChannelId channel{};
  std::string status{};
  Json report = Json::object();
  Time checked_at{};
  Time changed_at{};
};

// The report with {"channelId", "checkedAt", "changedAt"}.
Json to_json(const ChannelHealth& health);

std::optional<ChannelHealth> find_health(sql::Connection& connection, TenantId tenant, ChannelId channel);
// Of the whole installation.
std::vector<ChannelHealth> all_health(sql::Connection& connection);

// What a look at `health.checked_at` showed; an older one than the row's is dropped. Leaves channel.health_changed when
// somebody must hear of it, also for the first look that is not good. The row as it stands; nothing when the channel is
// gone.
std::optional<ChannelHealth> keep_health(sql::Connection& connection, ChannelHealth health, Time now);

// In the two hours that end `silence` ago Meta accepted messages of the channel, and of none that was looked at (those
// of the conversations that moved last) any status has come.
bool is_silent(sql::Connection& connection, const Channel& channel, milliseconds silence, Time now);

}  // namespace waypost::store
