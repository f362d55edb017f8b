// Retention of the store's rows that are kept for a time: what is over is deleted in small bulk units. Thread that may
// block.

#pragma once

#include <chrono>
#include <cstddef>

#include "base/error.h"
#include "sql/database.h"

namespace waypost::store {

// Sums of what Meta bills; the API shows 400 days at once.
inline constexpr std::chrono::days kPricingKept{800};
// Rows of calls, and of how far messages to groups came with each participant. The messages stay.
inline constexpr std::chrono::days kCallsKept{400};
inline constexpr std::chrono::days kRecipientsKept{400};

struct KeptFor {
  std::chrono::days events{};
  std::chrono::days runs{};
};
// Events older than `events` (each workspace keeps its newest, so that its numbers never begin anew), runs that ended
// longer ago than `runs` with their steps, sessions that have ended, locks that are an hour old, whom a business
// reached more than a day ago, answers kept for repeated requests (kAnswersKept), what a workflow's limit counted in a
// window that is over, and what is above. How many rows went.
Result<std::size_t> drop_outlived_rows(sql::Database& database, const KeptFor& kept, Time now);

}  // namespace waypost::store
