// Interleaving: what becomes of two units that meet. The second one, on another node, runs in the midst of the first:
// before its first statement, before its second one …, and behind it. Where the first already holds what the second
// needs, the second comes behind it. On SQLite, whose write lane is alone, there are two orders. Test thread only.

#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "sql/postgres_database.h"
#include "tests/support/temp_store.h"

namespace waypost::test {

using Unit = std::function<void(sql::Connection&)>;

// Calls `interrupt` before the n-th statement, from 1.
class InterruptedConnection final : public sql::Connection {
 public:
  InterruptedConnection(sql::Connection& inner, int n, std::function<void()> interrupt)
      : inner_(inner), left_(n), interrupt_(std::move(interrupt)) {}

  sql::Engine engine() const override { return inner_.engine(); }
  sql::Rows run(std::string_view text, std::span<const sql::Value> values) override {
    if (--left_ == 0) interrupt_();
    return inner_.run(text, values);
  }
  void script(std::string_view text) override { inner_.script(text); }
  std::int64_t total_changes() const override { return inner_.total_changes(); }

 private:
  sql::Connection& inner_;
  int left_;
  std::function<void()> interrupt_;
};

// Counts the statements; rows that are inserted without an answer are none.
class CountingConnection final : public sql::Connection {
 public:
  explicit CountingConnection(sql::Connection& inner) : inner_(inner) {}
  std::int64_t count() const { return count_; }

  sql::Engine engine() const override { return inner_.engine(); }
  sql::Rows run(std::string_view text, std::span<const sql::Value> values) override {
    ++count_;
    return inner_.run(text, values);
  }
  void insert(const sql::Insertion& into, std::span<const sql::Value> values) override { inner_.insert(into, values); }
  void script(std::string_view text) override { inner_.script(text); }
  std::int64_t total_changes() const override { return inner_.total_changes(); }

 private:
  sql::Connection& inner_;
  std::int64_t count_ = 0;
};

class Interleaving {
 public:
  Interleaving(const StorePlace& place, sql::Database& database) : database_(database) {
    if (database.engine() == sql::Engine::Sqlite) return;
    // Impatient: what it cannot have at once it gets later.
    other_ = sql::open_postgres({.url = place.url(),
                                 .writers = 1,
                                 .readers = 1,
                                 .patience = std::chrono::milliseconds(1),
                                 .timeouts = {.lock = std::chrono::milliseconds(10)}})
                 .value();
  }

  // `round` makes a scene of its own, calls meet() once and looks at what came of it; it is repeated until the second
  // unit has come behind the first one's last statement.
  void at_every_step(const std::function<void()>& round) {
    bool is_behind = false;
    for (step_ = 1; !is_behind; ++step_) {
      SCOPED_TRACE("before statement " + std::to_string(step_));
      is_inside_ = false;
      round();
      is_behind = !is_inside_;
      if (testing::Test::HasFatalFailure()) return;
    }
  }

  void meet(const Unit& first, const Unit& second) {
    bool is_done = false;
    const auto let_in = [&] {
      is_inside_ = true;
      if (!is_done) is_done = may_run(*other_, second);
    };
    if (other_ == nullptr && step_ == 1) is_inside_ = is_done = may_run(database_, second);
    const bool ran = may_run(database_, [&](sql::Connection& connection) {
      if (other_ == nullptr) return first(connection);
      InterruptedConnection interrupted(connection, step_, let_in);
      first(interrupted);
    });
    EXPECT_TRUE(ran) << "the first unit was given up";
    if (!is_done) EXPECT_TRUE(may_run(database_, second)) << "the second unit was given up";
  }

 private:
  static bool may_run(sql::Database& database, const Unit& unit) {
    const auto done = database.write_and_wait(0, [&](sql::Connection& connection) { unit(connection); });
    EXPECT_TRUE(done || done.error().kind() == ErrorKind::Unavailable) << done.error().words();
    return done.has_value();
  }

  sql::Database& database_;
  std::unique_ptr<sql::Database> other_;  // another node's
  int step_ = 1;
  bool is_inside_ = false;
};

}  // namespace waypost::test
