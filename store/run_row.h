// What all readers of run rows share: their columns and how they are read. Lane only.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/runs.h"

namespace waypost::store {

// "SELECT … FROM run LEFT JOIN workflow … "; a WHERE of the caller's follows.
const std::string& select_runs();
Run read_run(const sql::Row& row);
std::vector<Run> read_runs(const sql::Rows& rows);

// A code and, in the column behind it, its words. Nothing: no code.
std::optional<Complaint> read_complaint(const sql::Row& row, std::size_t column);

}  // namespace waypost::store
