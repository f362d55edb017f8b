// Queue report: what the queues look like now, as JSON, put together from the rows and from Redis. Any loop.

#pragma once

#include "api/shared.h"
#include "store/work_key.h"

namespace waypost::api {

QueueName queue_name(store::WorkQueue queue);

// {"queues": [{"queue", "redis": {"ready", "leased", "waiting", "owners", "others"} or null, "redisError", "waiting":
// {reason: n}, "waitingIsAtLeast", "buried", "paused", "oldest", "oldestOther"}, …]}. Only the store's errors.
awaitable<Result<Json>> queue_report(Shared& shared);

}  // namespace waypost::api
