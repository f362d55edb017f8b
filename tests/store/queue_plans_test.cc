// What is read every few seconds of a large installation must be read by indexes, on both engines: the statements that
// the code runs are caught, and explained.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "store/due.h"
#include "store/queue_sight.h"
#include "store/work_failures.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

using testing::HasSubstr;
using testing::Not;

// Runs what it is given, and explains it beside.
class Explaining final : public sql::Connection {
 public:
  explicit Explaining(sql::Connection& inner) : inner_(inner) {
    if (engine() == sql::Engine::Postgres) inner_.script("SET LOCAL enable_seqscan = off");
  }
  sql::Engine engine() const override { return inner_.engine(); }
  sql::Rows run(std::string_view text, std::span<const sql::Value> values) override {
    const bool sqlite = engine() == sql::Engine::Sqlite;
    const std::string explained = (sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ") + std::string(text);
    std::string plan;
    for (const auto row : inner_.run(explained, values)) plan += row.text(sqlite ? 3 : 0) + "\n";
    plans.emplace_back(text, plan);
    return inner_.run(text, values);
  }
  void script(std::string_view text) override { inner_.script(text); }
  std::int64_t total_changes() const override { return inner_.total_changes(); }

  std::vector<std::pair<std::string, std::string>> plans;

 private:
  sql::Connection& inner_;
};

class QueuePlans : public ::testing::Test {
 protected:
  template <class Reading>
  std::vector<std::pair<std::string, std::string>> plans_of(Reading reading) {
    return store_.run([&](sql::Connection& connection) {
      Explaining explaining(connection);
      reading(explaining);
      return explaining.plans;
    });
  }
  // Of the statement that names it.
  static std::string plan(const std::vector<std::pair<std::string, std::string>>& plans, std::string_view word) {
    for (const auto& [text, plan] : plans) {
      if (text.find(word) != std::string::npos) return text + "\n" + plan;
    }
    return "no such statement";
  }
  Time now() const { return store_.clock.now(); }

  test::TempStore store_;
};

TEST_F(QueuePlans, TheSightReadsByIndexesInTheirOrder) {
  const auto sends = plans_of([this](sql::Connection& c) { look_at_queue(c, WorkQueue::Sends, now()); });
  EXPECT_THAT(plan(sends, "LEFT JOIN channel"), HasSubstr("message_due"));
  EXPECT_THAT(plan(sends, "state = 'held' ORDER"), HasSubstr("message_held"));
  EXPECT_THAT(plan(sends, "due_at = $2"), HasSubstr("message_due"));
  const auto runs = plans_of([this](sql::Connection& c) { look_at_queue(c, WorkQueue::Runs, now()); });
  EXPECT_THAT(plan(runs, "FROM run WHERE ended_at IS NULL"), HasSubstr("run_due"));
  EXPECT_THAT(plan(runs, "FROM run WHERE status = 'waiting'"), HasSubstr("run_waiting"));
  EXPECT_THAT(plan(runs, "FROM run_trigger"), Not(HasSubstr("USE TEMP B-TREE FOR ORDER BY")));
  EXPECT_THAT(plan(runs, "FROM work_failure WHERE buried_at"), HasSubstr("work_failure_buried"));
}

TEST_F(QueuePlans, TheSweepStillReadsInTheOrderOfDueTimes) {
  const auto pages = plans_of([this](sql::Connection& c) {
    due_sends(c, {}, now(), 500);
    due_runs(c, {}, now(), 500);
  });
  EXPECT_THAT(plan(pages, "FROM message"), HasSubstr("message_due"));
  EXPECT_THAT(plan(pages, "FROM run "), HasSubstr("run_due"));
  if (store_.database->engine() == sql::Engine::Sqlite)
    EXPECT_THAT(plan(pages, "FROM message"), HasSubstr("SEARCH f USING PRIMARY KEY"));
}

TEST_F(QueuePlans, SettledFailuresLookAtPendingWorkOnly) {
  const auto plans = plans_of([this](sql::Connection& c) { settled_failures(c, 10, now()); });
  // PostgreSQL finds that no index of an empty table is better than another.
  if (store_.database->engine() != sql::Engine::Sqlite) return;
  EXPECT_THAT(plan(plans, "queue = 'sends'"), HasSubstr("message_pending"));
  EXPECT_THAT(plan(plans, "queue = 'runs'"), HasSubstr("run_pending"));
}

}  // namespace
}  // namespace waypost::store
