#include "sql/sqlite_statistics.h"

#include <string>

namespace waypost::sql {
namespace {

constexpr int kRows = 1'000'000;      // of a table
constexpr int kTenantRows = 100'000;  // of one tenant
constexpr int kNarrowed = 20;         // of one tenant and one more column; halved by each further one
constexpr int kOtherRows = 10;        // of one value of a column that is not the tenant

// "1000000 100000 20 1": the table's rows, then the rows of one value of the first column, of the first two …
std::string figures(const Rows& columns, bool unique) {
  const bool of_tenant = columns.front().text(0) == "tenant_id";
  std::string text = std::to_string(kRows);
  for (std::size_t place = 0; place < columns.size(); ++place) {
    int rows = of_tenant ? kNarrowed >> (place > 0 ? place - 1 : 0) : kOtherRows;
    if (of_tenant && place == 0) rows = kTenantRows;
    if (unique && place + 1 == columns.size()) rows = 1;
    text += " " + std::to_string(rows > 0 ? rows : 1);
  }
  // An index that begins with the workspace is for questions of one workspace: never every workspace's part of it.
  return text + " noskipscan";
}

void write_index(Connection& sqlite, const std::string& table, const Row& index) {
  const auto columns = sqlite.run("SELECT name FROM pragma_index_info($1) ORDER BY seqno", {index.text(0)});
  // The statistics name the primary key of a table without rowid by the table.
  const std::string name = index.text(2) == "pk" ? table : index.text(0);
  sqlite.run("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)",
             {table, name, figures(columns, index.boolean(1))});
}

}  // namespace

void write_statistics(Connection& sqlite) {
  sqlite.script("ANALYZE");  // makes the table of statistics
  sqlite.script("DELETE FROM sqlite_stat1");
  for (const auto table :
       sqlite.run("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")) {
    const auto indexes = sqlite.run("SELECT name, \"unique\", origin FROM pragma_index_list($1)", {table.text(0)});
    for (const auto index : indexes) write_index(sqlite, table.text(0), index);
  }
  sqlite.script("ANALYZE sqlite_schema");  // plan by what now stands there
}

}  // namespace waypost::sql
