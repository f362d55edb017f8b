// What waits of a channel, offered at once: when what held it is over. Any loop.

#pragma once

#include "api/shared.h"

namespace waypost::api {

// Conversations of the channel with pending sends, or with triggers and runs. What cannot be offered now, or is beyond
// the first thousands, comes in its time (queue/sweep.h).
awaitable<void> offer_channel(Shared& shared, TenantId tenant, ChannelId channel, QueueName queue);

}  // namespace waypost::api
