#include "sql/postgres_statistics.h"

#include <string>

namespace waypost::sql {

// reltuples is -1 where statistics were never made. Beyond a million rows the server's own tenth is soon enough, and a
// sample takes long.
std::size_t refresh_statistics(Connection& connection) {
  if (connection.engine() != Engine::Postgres) return 0;
  const auto grown = connection.run(
      "SELECT CAST(quote_ident(s.schemaname) || '.' || quote_ident(s.relname) AS text) FROM pg_stat_user_tables AS s "
      "JOIN pg_class AS c ON c.oid = s.relid WHERE c.reltuples < 1000000 AND "
      "s.n_live_tup > 100 + 2 * CASE WHEN c.reltuples < 0 THEN 0 ELSE c.reltuples END");
  for (const auto table : grown) connection.script("ANALYZE " + table.text(0));
  return grown.size();
}

}  // namespace waypost::sql
