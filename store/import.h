// Import: fills an empty store from an export, whichever engine wrote it and whichever reads it. Thread that may block,
// while no daemon runs on the store.
//
//   check the file whole ─▶ check the store ─▶ mark "import under way" ─▶ rows, 500 a unit ─▶ compare counts, take the
//                                                     ▲                                       mark away
//                                                     └── cut short: the same file goes on, and skips the rows there
//
// While the mark stands no daemon starts on the store. Of an export that was taken online what waits to be sent is held
// (store/restored_sends.h): it may have gone out since.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "sql/database.h"
#include "store/export_file.h"

namespace waypost::store {

struct TableCount {
  std::string name{};
  std::int64_t in_file = 0;
  std::int64_t in_store = 0;
};

struct Imported {
  std::vector<TableCount> tables{};
  bool went_on = false;      // an import of the same file had been cut short
  std::int64_t held = 0;     // messages that wait for an operator
  bool is_complete() const;  // every count is the file's
};

// Told after each unit: the table in hand, and rows of all tables so far.
using ImportProgress = std::function<void(const std::string& table, std::int64_t rows)>;

// `file` was checked. Conflict when the store holds rows of its own, or a part of another file; Rejected when schema or
// tables are not the file's. Counts that differ are no Error: the mark then stays.
Result<Imported> import_store(sql::Database& database, ExportFile file, Time now, const ImportProgress& progress);

// Rejected when an import was cut short here: nothing else may work on the store.
Result<void> refuse_half_import(sql::Connection& connection);

}  // namespace waypost::store
