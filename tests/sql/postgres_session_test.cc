#include "sql/postgres_session.h"

#include <gtest/gtest.h>

#include "tests/support/cutting_proxy.h"
#include "tests/support/store_place.h"

namespace waypost::sql {
namespace {

using std::chrono::milliseconds;
using test::Cut;

// The fault that a piece of work throws.
template <class Work>
std::optional<Fault> fault_of(Work work) {
  try {
    work();
  } catch (const Fault& fault) {
    return fault;
  }
  return std::nullopt;
}
std::int64_t count(Session& session) { return session.run("SELECT count(*) FROM t").front().number(0); }

class PostgresSession : public ::testing::Test {
 protected:
  std::unique_ptr<Session> open(SessionUse use = SessionUse::Write) { return open(place_.url(), use); }
  std::unique_ptr<Session> open(const Secret& url, SessionUse use = SessionUse::Write) {
    options_.url = url;
    options_.use = use;
    return make_postgres_session(options_).value();
  }
  static std::int64_t backend_of(Session& session) { return session.run("SELECT pg_backend_pid()").front().number(0); }
  void end_backend(std::int64_t backend) {
    open()->run("SELECT pg_terminate_backend(CAST($1 AS int), 10000)", {backend});
  }

  test::StorePlace place_ = test::StorePlace::on_postgres(test::Schema::None);
  PostgresOptions options_;
};

TEST_F(PostgresSession, EveryTypeGoesThereAndBack) {
  const auto session = open();
  session->script("CREATE TABLE t(n bigint, b boolean, x text, u uuid, j jsonb, r bytea)");
  const auto id = TenantId::make(Time());
  const std::string bytes("\0\xff", 2);
  session->run("INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6)",
               {std::int64_t{-5}, true, "é\"", id, JsonText{R"({"b": 1, "a": "ü"})"}, Bytes{bytes}});
  const auto rows = session->run("SELECT n, b, x, u, j, r FROM t WHERE u = $1", {id});
  const auto row = rows.front();
  EXPECT_EQ(row.number(0), -5);
  EXPECT_TRUE(row.boolean(1));
  EXPECT_EQ(row.text(2), "é\"");
  EXPECT_EQ(row.id<TenantId>(3), id);
  EXPECT_EQ(row.json(4), Json::parse(R"({"a": "ü", "b": 1})"));
  EXPECT_EQ(row.bytes(5), bytes);
}

TEST_F(PostgresSession, NullsOfEveryTypeGoThereAndBack) {
  const auto session = open();
  const auto rows = session->run("SELECT $1, $2, $3, $4, $5, $6",
                                 {Value::null(Type::Bigint), Value::null(Type::Boolean), Value::null(Type::Text),
                                  Value::null(Type::Uuid), Value::null(Type::Json), Value::null(Type::Bytes)});
  for (std::size_t at = 0; at < 6; ++at) EXPECT_TRUE(rows.front().is_null(at));
}

TEST_F(PostgresSession, SmallerNumbersAndNamesAreReadToo) {
  const auto session = open();
  const auto rows = session->run("SELECT length('abc'), CAST(7 AS smallint), CAST('x' AS varchar), CAST('n' AS name)");
  EXPECT_EQ(rows.front().number(0), 3);
  EXPECT_EQ(rows.front().number(1), 7);
  EXPECT_EQ(rows.front().text(2), "x");
  EXPECT_EQ(rows.front().text(3), "n");
}

TEST_F(PostgresSession, OneTextWithOtherTypesIsAnotherStatement) {
  const auto session = open();
  EXPECT_EQ(session->run("SELECT $1", {1}).front().number(0), 1);
  EXPECT_EQ(session->run("SELECT $1", {"one"}).front().text(0), "one");
  EXPECT_EQ(session->run("SELECT $1", {2}).front().number(0), 2);
}

TEST_F(PostgresSession, ManyStatementsAreForgottenAndPreparedAnew) {
  const auto session = open();
  for (int at = 0; at < 1500; ++at) {
    ASSERT_EQ(session->run("SELECT " + std::to_string(at)).front().number(0), at);
  }
  EXPECT_EQ(session->run("SELECT 3").front().number(0), 3);
  EXPECT_LE(session->run("SELECT count(*) FROM pg_prepared_statements").front().number(0), 1000);
}

TEST_F(PostgresSession, WrongStatementsAndValuesAreDataFaults) {
  const auto session = open();
  const std::string nul("a\0b", 3);
  for (const auto& fault :
       {fault_of([&] { session->run("SELECT $1, $2", {1}); }), fault_of([&] { session->run("SELECT 1; SELECT 2"); }),
        fault_of([&] { session->run(""); }), fault_of([&] { session->run("SELECT nothing"); }),
        fault_of([&] { session->run("SELECT $1", {nul}); }), fault_of([&] { session->run("SELECT $1", {"\xff"}); }),
        fault_of([&] { session->run("SELECT $1", {JsonText{"{"}}); }),
        fault_of([&] { session->run("SELECT sum(CAST(1 AS bigint))"); })}) {
    ASSERT_TRUE(fault.has_value());
    EXPECT_EQ(fault->kind(), FaultKind::Data) << fault->what();
  }
  EXPECT_EQ(session->run("SELECT 1").front().number(0), 1);
}

TEST_F(PostgresSession, ATakenKeyIsAConflictAndNoFaultQuotesValues) {
  const auto session = open();
  session->script("CREATE TABLE t(a bigint PRIMARY KEY, b text UNIQUE CHECK (b <> 'secret'), c boolean)");
  session->run("INSERT INTO t VALUES (1, 'hush')");
  const auto taken = fault_of([&] { session->run("INSERT INTO t VALUES ($1, $2)", {2, "hush"}); }).value();
  EXPECT_EQ(taken.kind(), FaultKind::Data);
  EXPECT_EQ(taken.error().kind(), ErrorKind::Conflict);
  EXPECT_STREQ(taken.what(), "SQLSTATE 23505, t_b_key in: INSERT INTO t VALUES ($1, $2)");
  const auto refused = fault_of([&] { session->run("INSERT INTO t VALUES ($1, $2)", {3, "secret"}); }).value();
  EXPECT_EQ(refused.error().kind(), ErrorKind::Internal);
  const auto unread = fault_of([&] { session->run("SELECT CAST($1 AS uuid)", {"hush"}); }).value();
  for (const auto& fault : {taken, refused, unread}) {
    EXPECT_FALSE(std::string_view(fault.what()).contains("hush")) << fault.what();
    EXPECT_FALSE(std::string_view(fault.what()).contains("secret")) << fault.what();
  }
}

TEST_F(PostgresSession, CountsWhatAStatementChanged) {
  const auto session = open();
  session->script("CREATE TABLE t(a bigint PRIMARY KEY, b bigint)");
  EXPECT_EQ(session->run("INSERT INTO t VALUES (1, 1), (2, 1), (3, 1)").changed(), 3);
  EXPECT_EQ(session->run("UPDATE t SET b = 2 WHERE a > 1 RETURNING a").changed(), 2);
  EXPECT_EQ(session->run("UPDATE t SET b = 2 WHERE a > 7").changed(), 0);
  EXPECT_EQ(session->run("SELECT * FROM t").changed(), 0);
  EXPECT_EQ(session->run("INSERT INTO t VALUES (1, 9) ON CONFLICT DO NOTHING").changed(), 0);
  const auto before = session->total_changes();
  session->run("CREATE TABLE u(a bigint)");
  EXPECT_GT(session->total_changes(), before);
}

TEST_F(PostgresSession, ATransactionIsKeptOrUndoneAsAWhole) {
  const auto session = open();
  session->script("CREATE TABLE t(a bigint)");
  session->begin();
  session->run("INSERT INTO t VALUES (1)");
  session->rollback();
  EXPECT_EQ(count(*session), 0);
  session->begin();
  session->run("INSERT INTO t VALUES (1)");
  session->commit();
  EXPECT_EQ(count(*open()), 1);
}

TEST_F(PostgresSession, ASavepointUndoesAFailedStatement) {
  const auto session = open();
  session->script("CREATE TABLE t(a bigint PRIMARY KEY)");
  session->begin();
  session->savepoint();
  session->run("INSERT INTO t VALUES (1)");
  session->keep_savepoint();
  session->savepoint();
  session->run("INSERT INTO t VALUES (2)");
  EXPECT_TRUE(fault_of([&] { session->run("INSERT INTO t VALUES (1)"); }));
  session->undo_savepoint();
  session->commit();
  EXPECT_EQ(count(*session), 1);
}

// PostgreSQL answers such a COMMIT with a rollback, and without an error.
TEST_F(PostgresSession, ATransactionWithAFailedStatementIsNotCommitted) {
  const auto session = open();
  session->script("CREATE TABLE t(a bigint PRIMARY KEY)");
  session->begin();
  session->run("INSERT INTO t VALUES (1)");
  EXPECT_TRUE(fault_of([&] { session->run("INSERT INTO t VALUES (1)"); }));
  EXPECT_EQ(fault_of([&] { session->commit(); }).value().kind(), FaultKind::Data);
  session->rollback();
  EXPECT_EQ(count(*session), 0);
}

TEST_F(PostgresSession, WhatOnlyCommitFindsIsItsFault) {
  const auto session = open();
  session->script("CREATE TABLE t(a bigint UNIQUE DEFERRABLE INITIALLY DEFERRED)");
  session->begin();
  session->run("INSERT INTO t VALUES (1), (1)");
  const auto fault = fault_of([&] { session->commit(); }).value();
  EXPECT_EQ(fault.kind(), FaultKind::Data);
  EXPECT_EQ(fault.error().kind(), ErrorKind::Conflict);
  session->rollback();
  EXPECT_EQ(count(*session), 0);
}

TEST_F(PostgresSession, AReaderSeesASnapshotAndMayNotWrite) {
  const auto writer = open();
  writer->script("CREATE TABLE t(a bigint)");
  const auto reader = open(SessionUse::Read);
  reader->begin();
  EXPECT_EQ(count(*reader), 0);
  writer->run("INSERT INTO t VALUES (1)");
  EXPECT_EQ(count(*reader), 0);
  EXPECT_EQ(fault_of([&] { reader->run("INSERT INTO t VALUES (2)"); }).value().kind(), FaultKind::Data);
  reader->rollback();
  reader->begin();
  EXPECT_EQ(count(*reader), 1);
  reader->commit();
}

TEST_F(PostgresSession, ALockThatIsNotLetGoIsContention) {
  const auto one = open();
  one->script("CREATE TABLE t(a bigint PRIMARY KEY)");
  one->begin();
  one->run("INSERT INTO t VALUES (1)");
  options_.timeouts.lock = milliseconds(20);
  const auto two = open();
  two->begin();
  EXPECT_EQ(fault_of([&] { two->run("INSERT INTO t VALUES (1)"); }).value().kind(), FaultKind::Contention);
}

TEST_F(PostgresSession, AStatementThatTakesTooLongIsUnavailable) {
  options_.timeouts.statement = milliseconds(20);
  const auto session = open();
  EXPECT_EQ(fault_of([&] { session->run("SELECT pg_sleep(5)"); }).value().kind(), FaultKind::Unavailable);
  EXPECT_EQ(session->run("SELECT 1").front().number(0), 1);
}

TEST_F(PostgresSession, TheConnectionSaysWhoItIsAndWhatItWants) {
  const auto session = open();
  const auto shown = [&](const std::string& name) { return session->run("SHOW " + name).front().text(0); };
  EXPECT_EQ(shown("application_name"), "waypost");
  EXPECT_EQ(shown("client_encoding"), "UTF8");
  EXPECT_EQ(shown("standard_conforming_strings"), "on");
  EXPECT_EQ(shown("statement_timeout"), "30s");
  EXPECT_EQ(shown("lock_timeout"), "100ms");
  EXPECT_EQ(shown("idle_in_transaction_session_timeout"), "15s");
}

TEST_F(PostgresSession, TheUrlsOwnOptionsStay) {
  const auto session = open(Secret(place_.url().reveal() + "&options=-c%20work_mem%3D5MB"));
  EXPECT_EQ(session->run("SHOW work_mem").front().text(0), "5MB");
  EXPECT_EQ(session->run("SHOW lock_timeout").front().text(0), "100ms");
}

TEST_F(PostgresSession, AConnectionThatTheServerEndedIsMadeAgainByBegin) {
  const auto session = open();
  end_backend(backend_of(*session));
  session->begin();
  EXPECT_EQ(session->run("SELECT 1").front().number(0), 1);
  session->commit();
}

TEST_F(PostgresSession, ATransactionWhoseConnectionBrokeIsGivenUp) {
  const auto session = open();
  session->script("CREATE TABLE t(a bigint)");
  session->begin();
  session->run("INSERT INTO t VALUES (1)");
  end_backend(backend_of(*session));
  EXPECT_EQ(fault_of([&] { session->run("INSERT INTO t VALUES (2)"); }).value().kind(), FaultKind::Unavailable);
  EXPECT_EQ(fault_of([&] { session->run("INSERT INTO t VALUES (3)"); }).value().kind(), FaultKind::Unavailable);
  EXPECT_EQ(fault_of([&] { session->commit(); }).value().kind(), FaultKind::Unavailable);
  session->rollback();
  EXPECT_EQ(count(*session), 0);
}

// Another node migrates while this one runs.
TEST_F(PostgresSession, APlanThatAMigrationMadeOutdatedIsMadeAgain) {
  const auto session = open();
  session->script("CREATE TABLE t(a bigint)");
  session->run("SELECT * FROM t");
  open()->script("ALTER TABLE t ADD COLUMN b bigint");
  EXPECT_EQ(fault_of([&] { session->run("SELECT * FROM t"); }).value().kind(), FaultKind::Contention);
  EXPECT_EQ(session->run("SELECT * FROM t").size(), 0U);
}

TEST_F(PostgresSession, AServerThatIsAwayIsUnavailableAndFoundLater) {
  test::CuttingProxy proxy(place_.url());
  const auto session = open(proxy.url());
  EXPECT_EQ(fault_of([&] { session->begin(); }).value().kind(), FaultKind::Unavailable);
  proxy.start();
  session->begin();
  session->commit();
}

TEST(PostgresUrl, OneThatCannotBeReadIsInvalidInputAndIsNotQuoted) {
  for (const char* url :
       {"postgresql://u:hush@host:port/d", "postgresql://u:hush/x@host/d", "postgresql://u:p@hush@host/d",
        "postgresql://u:p%zzhush@host/d", "postgresql://u@h/d?hush=1", "mysql://hush", ""}) {
    const auto made = make_postgres_session({.url = Secret(url)});
    ASSERT_FALSE(made.has_value()) << url;
    EXPECT_EQ(made.error().kind(), ErrorKind::InvalidInput);
    EXPECT_FALSE(made.error().words().contains("hush")) << made.error().words();
  }
}

TEST(PostgresUrl, APasswordIsInNoWordsOfARefusedConnection) {
  for (const char* url : {"postgresql://u:hush@127.0.0.1:1/d", "postgresql://u:x@hush.invalid/d",
                          "postgresql://u:hush@127.0.0.1:1/d?sslmode=hush", "postgresql://u:12/hush@127.0.0.1:1/d"}) {
    const auto session = make_postgres_session({.url = Secret(url)});
    if (!session) continue;
    const auto fault = fault_of([&] { (*session)->begin(); }).value();
    EXPECT_EQ(fault.kind(), FaultKind::Unavailable);
    EXPECT_FALSE(std::string_view(fault.what()).contains("hush")) << fault.what();
  }
}

}  // namespace
}  // namespace waypost::sql
