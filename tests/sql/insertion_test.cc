#include "sql/insertion.h"

#include <gtest/gtest.h>

#include "sql/connection.h"
#include "sql/postgres_rows.h"
#include "sql/postgres_session.h"
#include "tests/support/store_place.h"

namespace waypost::sql {
namespace {

using namespace std::string_literals;

TEST(Insertion, NumbersAsManyParametersAsThereAreColumns) {
  EXPECT_EQ(Insertion("t", "a").text(), "INSERT INTO t (a) VALUES ($1)");
  EXPECT_EQ(Insertion("t", "a, b, c").text(), "INSERT INTO t (a, b, c) VALUES ($1, $2, $3)");
}

class PendingRowsOf : public ::testing::Test {
 protected:
  void add(const Insertion& into, std::initializer_list<Value> values) {
    rows_.add(into, std::span<const Value>(values.begin(), values.size()));
  }
  const Insertion message_{"message", "a, b"};
  const Insertion event_{"event_pending", "a"};
  PendingRows rows_;
};

TEST_F(PendingRowsOf, AStatementGetsTheTablesThatItNames) {
  for (const char* text : {"SELECT a FROM message", "SELECT message.a FROM (message)",
                           "SELECT last_message_at, a FROM message WHERE a = $1"}) {
    add(event_, {7});
    add(message_, {1, "x"});
    const auto taken = rows_.take(text);
    ASSERT_EQ(taken.size(), 1U) << text;
    EXPECT_EQ(taken.front().into, &message_);
    EXPECT_FALSE(rows_.empty()) << "the others wait on";
    rows_.clear();
  }
  add(message_, {1, "x"});
  for (const char* text :
       {"UPDATE conversation SET last_message_at = $1, message_id = $2, messages = 3", "SELECT a FROM event_pending"}) {
    EXPECT_TRUE(rows_.take(text).empty()) << text;
  }
}

TEST_F(PendingRowsOf, RowsOfATableAreTogetherInTheirOrder) {
  add(message_, {1, "x"});
  add(event_, {7});
  add(message_, {2, std::optional<std::string>()});
  const auto tables = rows_.take();
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables[0].into, &message_);
  EXPECT_EQ(tables[0].count, 2U);
  EXPECT_EQ(tables[0].tuples, "\0\2\0\0\0\10\0\0\0\0\0\0\0\1\0\0\0\1x\0\2\0\0\0\10\0\0\0\0\0\0\0\2\377\377\377\377"s);
  EXPECT_EQ(tables[1].into, &event_);
  EXPECT_TRUE(rows_.empty());
}

TEST_F(PendingRowsOf, ATupleIsReadBackAsParameters) {
  add(message_, {-1, ""});
  add(message_, {2, std::optional<std::string>()});
  const auto rows = rows_.take().front();
  std::string_view left = rows.tuples;
  const auto first = first_tuple(rows.types, left);
  EXPECT_EQ(std::string(first.starts()[0], 8), "\xff\xff\xff\xff\xff\xff\xff\xff"s);
  EXPECT_NE(first.starts()[1], nullptr) << "an empty text is no null";
  EXPECT_EQ(first.sizes()[1], 0);
  const auto second = first_tuple(rows.types, left);
  EXPECT_EQ(second.starts()[1], nullptr);
  EXPECT_TRUE(left.empty());
}

TEST_F(PendingRowsOf, WhatNoStatementTakesIsRefusedAtOnce) {
  EXPECT_THROW(add(message_, {1, std::string_view("a\0b", 3)}), Fault);
}

// Few rows go by INSERT, many by COPY.
class PostgresInserting : public ::testing::TestWithParam<int> {
 protected:
  PostgresInserting() {
    session_->script("CREATE TABLE t (a bigint PRIMARY KEY, x text, u uuid, j jsonb, b boolean, r bytea)");
    session_->begin();
  }
  int many() const { return GetParam(); }
  std::unique_ptr<Session> open() const { return make_postgres_session({.url = place_.url()}).value(); }
  void insert(int number) {
    const auto text = number % 2 == 0 ? std::optional("text " + std::to_string(number)) : std::nullopt;
    session_->insert(into_, {number, text, id_, JsonText{R"({"n":1})"}, number > 2, Bytes{"\0\xff"s}});
  }
  void insert_all() {
    for (int at = 0; at < many(); ++at) insert(at);
  }
  static std::int64_t count(Session& session) { return session.run("SELECT count(*) FROM t").front().number(0); }

  test::StorePlace place_ = test::StorePlace::on_postgres(test::Schema::None);
  std::unique_ptr<Session> session_ = open();
  const Insertion into_{"t", "a, x, u, j, b, r"};
  const TenantId id_ = TenantId::make(Time());
};

TEST_P(PostgresInserting, IsSeenByTheNextStatementThatNamesTheTable) {
  insert_all();
  EXPECT_EQ(count(*session_), many());
  insert(many());
  EXPECT_EQ(count(*session_), many() + 1);
}

TEST_P(PostgresInserting, KeepsEveryValue) {
  insert_all();
  session_->commit();
  for (const auto row : session_->run("SELECT a, x, u, j, b, r FROM t ORDER BY a")) {
    const auto number = row.number(0);
    EXPECT_EQ(row.maybe_text(1), number % 2 == 0 ? std::optional("text " + std::to_string(number)) : std::nullopt);
    EXPECT_EQ(row.id<TenantId>(2), id_);
    EXPECT_EQ(row.json(3), Json({{"n", 1}}));
    EXPECT_EQ(row.boolean(4), number > 2);
    EXPECT_EQ(row.bytes(5), "\0\xff"s);
  }
  EXPECT_EQ(count(*session_), many());
}

TEST_P(PostgresInserting, CountsAsAChangeAtOnce) {
  const auto before = session_->total_changes();
  insert_all();
  EXPECT_EQ(session_->total_changes() - before, many());
}

TEST_P(PostgresInserting, EndsWithTheTransaction) {
  insert_all();
  session_->rollback();
  EXPECT_EQ(count(*session_), 0);
  session_->begin();
  insert(1);
  session_->commit();
  EXPECT_EQ(count(*session_), 1) << "of the transaction before nothing waits";
}

TEST_P(PostgresInserting, IsUndoneToItsSavepoint) {
  insert(1000);
  session_->insert_pending();
  session_->savepoint();
  insert_all();
  session_->undo_savepoint();
  session_->commit();
  EXPECT_EQ(count(*session_), 1);
}

TEST_P(PostgresInserting, AKeyThatIsTakenIsAConflictAtTheCommitAtTheLatest) {
  const auto twice = [&] {
    insert_all();
    insert(0);
    session_->commit();
  };
  try {
    twice();
    FAIL() << "a key twice";
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), FaultKind::Data);
    EXPECT_EQ(fault.error().kind(), ErrorKind::Conflict);
  }
  session_->rollback();
  EXPECT_EQ(count(*session_), 0);
}

TEST_P(PostgresInserting, OutsideOfATransactionItIsInsertedAtOnce) {
  session_->rollback();
  insert_all();
  EXPECT_EQ(count(*open()), many());
}

TEST_P(PostgresInserting, AFaultOfTheServerLeavesTheConnectionUsable) {
  const Insertion nowhere("nowhere", "a");
  for (int at = 0; at < many(); ++at) session_->insert(nowhere, {at});
  EXPECT_THROW(session_->commit(), Fault);
  session_->rollback();
  session_->begin();
  insert_all();
  session_->commit();
  EXPECT_EQ(count(*session_), many());
}

TEST_P(PostgresInserting, AnArrayIsUnnestedInItsOrder) {
  std::vector<Value> numbers;
  std::vector<Value> texts;
  for (int at = 0; at < many(); ++at) {
    numbers.emplace_back(at);
    texts.push_back(at == 1 ? Value::null(Type::Text) : Value("text"));
  }
  const auto rows =
      session_->run("SELECT asked.place, asked.n, asked.x FROM unnest($1, $2) WITH ORDINALITY AS asked(n, x, place)",
                    {Value::array(Type::Bigint, numbers), Value::array(Type::Text, texts)});
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(many()));
  for (std::size_t at = 0; at < rows.size(); ++at) {
    EXPECT_EQ(rows[at].number(0), static_cast<std::int64_t>(at) + 1);
    EXPECT_EQ(rows[at].number(1), static_cast<std::int64_t>(at));
    EXPECT_EQ(rows[at].is_null(2), at == 1);
  }
  EXPECT_TRUE(session_->run("SELECT * FROM unnest($1)", {Value::array(Type::Uuid, {})}).empty());
}

INSTANTIATE_TEST_SUITE_P(PostgresFewAndMany, PostgresInserting, ::testing::Values(1, 3, 4, 20'000));

}  // namespace
}  // namespace waypost::sql
