// What a broadcast comes to before it begins: whom it reaches, when it ends, what it costs. Loop only.

#pragma once

#include <cstdint>

#include "api/shared.h"
#include "base/json.h"
#include "store/broadcasts.h"

namespace waypost::api {

// How many people of the audience it would go to.
awaitable<Result<std::int64_t>> count_recipients(Shared& shared, store::Broadcast broadcast, Time now);

// docs/api.md, `POST …/estimate`.
awaitable<Result<Json>> estimate_of(Shared& shared, store::Broadcast broadcast, Time now);

}  // namespace waypost::api
