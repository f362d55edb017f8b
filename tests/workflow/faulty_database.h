// FaultyDatabase: a Database whose write units fail at their n-th statement, each time they are run, until it is
// mended. Test thread arms it; units run on the lane.

#pragma once

#include <atomic>
#include <utility>

#include "sql/database.h"
#include "tests/support/passing_database.h"

namespace waypost::test {

// Throws before the `n`-th statement (from 1) reaches the engine; 0 never does.
class FailingConnection final : public sql::Connection {
 public:
  FailingConnection(sql::Connection& inner, int n, sql::FaultKind kind) : inner_(inner), left_(n), kind_(kind) {}

  sql::Engine engine() const override { return inner_.engine(); }
  sql::Rows run(std::string_view text, std::span<const sql::Value> values) override {
    if (left_ > 0 && --left_ == 0) throw sql::Fault(kind_, "broken on purpose");
    return inner_.run(text, values);
  }
  void script(std::string_view text) override { inner_.script(text); }
  std::int64_t total_changes() const override { return inner_.total_changes(); }

 private:
  sql::Connection& inner_;
  int left_;
  sql::FaultKind kind_;
};

class FaultyDatabase final : public PassingDatabase {
 public:
  using PassingDatabase::PassingDatabase;

  void break_at(int statement, sql::FaultKind kind) {
    kind_ = kind;
    statement_ = statement;
  }
  void mend() { statement_ = 0; }

  void submit_write(sql::LaneKey key, sql::Urgency urgency, sql::Job job) override {
    ++writes;
    job.unit = [this, unit = std::move(job.unit)](sql::Connection& connection) mutable {
      FailingConnection failing(connection, statement_, kind_);
      return unit(failing);
    };
    real().submit_write(key, urgency, std::move(job));
  }
  void submit_read(sql::Job job) override {
    ++reads;
    real().submit_read(std::move(job));
  }

  std::atomic<int> writes = 0;
  std::atomic<int> reads = 0;

 private:
  std::atomic<int> statement_ = 0;
  std::atomic<sql::FaultKind> kind_ = sql::FaultKind::Data;
};

}  // namespace waypost::test
