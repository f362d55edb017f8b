#include "sql/dialect.h"

#include <array>
#include <stdexcept>

namespace waypost::sql {
namespace {

struct Word {
  std::string_view name;
  std::string_view sqlite;
  std::string_view postgres;
};

// "C" orders text by its bytes, as SQLite does. STRICT makes SQLite refuse a text in an INTEGER column.
// PostgreSQL vacuums a table by the share of it that died; where all die, what counts is how many.
constexpr std::array kWords = {
    Word{.name = "uuid", .sqlite = "BLOB", .postgres = "uuid"},
    Word{.name = "bigint", .sqlite = "INTEGER", .postgres = "bigint"},
    Word{.name = "json", .sqlite = "TEXT", .postgres = "jsonb"},
    Word{.name = "bytes", .sqlite = "BLOB", .postgres = "bytea"},
    Word{.name = "boolean", .sqlite = "INTEGER", .postgres = "boolean"},
    Word{.name = "text", .sqlite = "TEXT", .postgres = "text COLLATE \"C\""},
    Word{.name = "table", .sqlite = "STRICT, WITHOUT ROWID", .postgres = ""},
    Word{.name = "heap", .sqlite = "STRICT", .postgres = ""},
    Word{.name = "identity", .sqlite = "INTEGER", .postgres = "bigint GENERATED ALWAYS AS IDENTITY"},
    Word{.name = "passing",
         .sqlite = "STRICT",
         .postgres = "WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, "
                     "autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0, "
                     "autovacuum_analyze_threshold = 10000)"},
};

std::string_view translated(Engine engine, std::string_view name) {
  for (const Word& word : kWords) {
    if (word.name == name) return engine == Engine::Sqlite ? word.sqlite : word.postgres;
  }
  throw std::logic_error("no word of the dialect: {" + std::string(name) + "}");
}

// PostgreSQL's key has 64 bits: the kind takes the first eight.
std::uint64_t lock_number(LockKind kind, std::uint64_t key) {
  return (static_cast<std::uint64_t>(kind) << 56) | (key >> 8);
}

}  // namespace

std::string in_dialect(Engine engine, std::string_view ddl) {
  std::string out;
  out.reserve(ddl.size());
  while (true) {
    const auto open = ddl.find('{');
    out += ddl.substr(0, open);
    if (open == std::string_view::npos) return out;
    const auto close = ddl.find('}', open);
    if (close == std::string_view::npos) throw std::logic_error("a word of the dialect is not closed");
    out += translated(engine, ddl.substr(open + 1, close - open - 1));
    ddl.remove_prefix(close + 1);
  }
}

std::string_view for_update(Engine engine) { return engine == Engine::Sqlite ? "" : " FOR UPDATE"; }

std::string_view skip_locked(Engine engine) { return engine == Engine::Sqlite ? "" : " FOR UPDATE SKIP LOCKED"; }

void lock_until_commit(Connection& connection, LockKind kind, std::uint64_t key) {
  if (connection.engine() == Engine::Sqlite) return;
  const auto number = lock_number(kind, key);
  if (connection.run("SELECT pg_try_advisory_xact_lock($1)", {number}).front().boolean(0)) return;
  connection.run("SET LOCAL lock_timeout = '30ms'");
  connection.run("SELECT pg_advisory_xact_lock($1)", {number});
  connection.run("SET LOCAL lock_timeout TO DEFAULT");
}

void lock_schema(Connection& connection) {
  if (connection.engine() == Engine::Sqlite) return;
  connection.script(
      "SET LOCAL lock_timeout = '10min'; SET LOCAL statement_timeout = '1h'; "
      "SELECT pg_advisory_xact_lock(" +
      std::to_string(lock_number(LockKind::Schema, 0)) +
      "); "
      "SET LOCAL lock_timeout TO DEFAULT");
}

}  // namespace waypost::sql
