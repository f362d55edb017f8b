#include "sql/dialect.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace waypost::sql {
namespace {

constexpr std::string_view kTable = "CREATE TABLE t (id {uuid}, at {bigint}, word {text}, body {json}) {table}";

TEST(Dialect, SpeaksSqlite) {
  EXPECT_EQ(in_dialect(Engine::Sqlite, kTable),
            "CREATE TABLE t (id BLOB, at INTEGER, word TEXT, body TEXT) STRICT, WITHOUT ROWID");
}

TEST(Dialect, SpeaksPostgres) {
  EXPECT_EQ(in_dialect(Engine::Postgres, kTable),
            "CREATE TABLE t (id uuid, at bigint, word text COLLATE \"C\", body jsonb) ");
}

TEST(Dialect, KnowsNumbersOfTheEngineAndTablesThatRowsOnlyPass) {
  constexpr std::string_view kQueue = "CREATE TABLE q (id {identity} PRIMARY KEY) {passing}";
  EXPECT_EQ(in_dialect(Engine::Sqlite, kQueue), "CREATE TABLE q (id INTEGER PRIMARY KEY) STRICT");
  EXPECT_TRUE(
      in_dialect(Engine::Postgres, kQueue)
          .starts_with("CREATE TABLE q (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY) WITH (autovacuum_"));
}

TEST(Dialect, LeavesOtherTextAlone) { EXPECT_EQ(in_dialect(Engine::Sqlite, "SELECT 1"), "SELECT 1"); }

TEST(Dialect, LocksRowsOnlyWhereOthersWrite) {
  EXPECT_EQ(for_update(Engine::Sqlite), "");
  EXPECT_EQ(skip_locked(Engine::Sqlite), "");
  EXPECT_EQ(for_update(Engine::Postgres), " FOR UPDATE");
  EXPECT_EQ(skip_locked(Engine::Postgres), " FOR UPDATE SKIP LOCKED");
}

TEST(Dialect, AnUnknownOrOpenWordIsAFaultOfOurs) {
  EXPECT_THROW((void)in_dialect(Engine::Sqlite, "a {number}"), std::logic_error);
  EXPECT_THROW((void)in_dialect(Engine::Sqlite, "a {text"), std::logic_error);
}

}  // namespace
}  // namespace waypost::sql
