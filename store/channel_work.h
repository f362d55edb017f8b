// What waits of one channel, for whoever lets it go on at once. Lane only.

#pragma once

#include <cstddef>
#include <vector>

#include "sql/connection.h"
#include "store/work_key.h"

namespace waypost::store {

// Conversations with a queued message of the channel, those that are due first, at most so many.
std::vector<WorkKey> sends_of_channel(sql::Connection& connection, TenantId tenant, ChannelId channel,
                                      std::size_t most);
// Conversations with a trigger or a run that is queued or running.
std::vector<WorkKey> runs_of_channel(sql::Connection& connection, TenantId tenant, ChannelId channel, std::size_t most);

}  // namespace waypost::store
