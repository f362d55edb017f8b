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
constexpr std::array kWords = {
    Word{.name = "uuid", .sqlite = "BLOB", .postgres = "uuid"},
    Word{.name = "bigint", .sqlite = "INTEGER", .postgres = "bigint"},
    Word{.name = "json", .sqlite = "TEXT", .postgres = "jsonb"},
    Word{.name = "bytes", .sqlite = "BLOB", .postgres = "bytea"},
    Word{.name = "boolean", .sqlite = "INTEGER", .postgres = "boolean"},
    Word{.name = "text", .sqlite = "TEXT", .postgres = "text COLLATE \"C\""},
    Word{.name = "table", .sqlite = "STRICT, WITHOUT ROWID", .postgres = ""},
    Word{.name = "heap", .sqlite = "STRICT", .postgres = ""},
};

std::string_view translated(Engine engine, std::string_view name) {
  for (const Word& word : kWords) {
    if (word.name == name) return engine == Engine::Sqlite ? word.sqlite : word.postgres;
  }
  throw std::logic_error("no word of the dialect: {" + std::string(name) + "}");
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

}  // namespace waypost::sql
