// The server crashes in a COMMIT and is up again before anybody asks what became of it.

#include <gtest/gtest.h>

#include "sql/postgres_link.h"
#include "sql/postgres_settle.h"
#include "tests/support/own_postgres.h"

namespace waypost::sql {
namespace {

struct Transaction {
  std::string id;
  CommitMark mark;
};

Transaction begun(PostgresLink& link, CommitMarks& marks) {
  link.script("BEGIN");
  const auto mark = marks.leave(link);
  const auto answer = link.run("SELECT CAST(pg_current_xact_id() AS text)", {});
  return {.id = Row(answer.cells.data(), answer.columns).text(0), .mark = mark};
}

// PostgreSQL's ids are durable with their first record in the log that reaches the disk, so a crash may give them away
// anew: to a transaction that commits.
TEST(PostgresCrash, ALostTransactionIsNotTakenForTheOneThatGotItsId) {
  const test::OwnPostgres server;
  const PostgresOptions options{.url = server.url()};
  PostgresLink(options).script("ALTER SYSTEM SET wal_writer_delay = '10s'");  // the log is written by commits alone
  PostgresLink(options).script("SELECT pg_reload_conf()");
  Transaction lost;
  {
    PostgresLink link(options);
    CommitMarks marks(link);
    lost = begun(link, marks);
    server.crash();
  }
  server.start_again();
  PostgresLink link(options);
  CommitMarks marks(link);
  Transaction other = begun(link, marks);
  link.script("COMMIT");
  EXPECT_EQ(settle(options, lost.mark), Outcome::RolledBack);
  EXPECT_EQ(settle(options, other.mark), Outcome::Committed);
  // That the crash did give the id away, so that this test shows something.
  for (int more = 0; more < 10 && other.id != lost.id; ++more) {
    other = begun(link, marks);
    link.script("COMMIT");
  }
  EXPECT_EQ(other.id, lost.id);
}

}  // namespace
}  // namespace waypost::sql
