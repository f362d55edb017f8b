// Dead letters that waited for a channel, applied once it is there. Blocks; applier's thread only.

#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "sql/database.h"
#include "webhook/apply_task.h"

namespace waypost {

// Numbers that have a channel by now and letters that still wait for it.
Result<std::vector<std::string>> numbers_that_wait(sql::Database& database);

// Applies the number's letters in their order, each in one unit with the mark that it is applied. Returns what was
// committed, for the signals. A letter whose data the store refuses waits no longer (wrong_shape, with the reason);
// Unavailable: call again, what is applied stays applied. Several nodes may do so at once.
Result<std::vector<ApplyOutcome>> apply_letters(sql::Database& database, const std::string& phone_number_id, Time now);

}  // namespace waypost
