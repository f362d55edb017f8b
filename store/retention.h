// Retention of events and of sign-ins: what is over is deleted in small bulk units. Thread that may block.

#pragma once

#include <chrono>
#include <cstddef>

#include "base/error.h"
#include "sql/database.h"

namespace waypost::store {

// Events older than `events` (each workspace keeps its newest, so that its numbers never begin anew), sessions that
// have ended, locks that are an hour old, whom a business reached more than a day ago, answers kept for repeated
// requests (kAnswersKept). How many rows went.
Result<std::size_t> drop_outlived_rows(sql::Database& database, std::chrono::days events, Time now);

}  // namespace waypost::store
