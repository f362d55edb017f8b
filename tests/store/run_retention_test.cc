#include "store/run_retention.h"

#include "store/retention.h"
#include "tests/store/run_stage.h"

namespace waypost::store {
namespace {

constexpr std::chrono::days kKept{90};

class RunRetention : public test::RunStage {
 protected:
  std::size_t drop() {
    const auto dropped = drop_outlived_rows(*store.database, {.events = std::chrono::days(3650), .runs = kKept}, now());
    EXPECT_TRUE(dropped) << (dropped ? "" : dropped.error().words());
    return dropped.value_or(0);
  }
  store::Run given_ended(int steps) {
    auto run = given_run();
    for (int number = 1; number <= steps; ++number) given_step(run, number);
    becomes(run, "completed");
    return run;
  }
  std::int64_t rows(const std::string& table) { return store.number("SELECT count(*) FROM " + table); }
};

TEST_F(RunRetention, ARunGoesWithItsStepsWhenItEndedLongAgo) {
  given_ended(3);
  store.clock.pass(seconds(1));
  given_ended(2);
  store.clock.pass(kKept - seconds(1));
  EXPECT_EQ(drop(), 0U) << "the first one is just as old as it may be";
  store.clock.pass(milliseconds(1));
  EXPECT_EQ(drop(), 4U);
  EXPECT_EQ(rows("run"), 1);
  EXPECT_EQ(rows("step"), 2);
  EXPECT_EQ(total("runs"), 1);
  EXPECT_EQ(total("runs.completed"), 1);
}

TEST_F(RunRetention, ARunThatHasNotEndedStays) {
  auto waits = given_run();
  given_step(waits, 1);
  becomes(waits, "waiting");
  store.clock.pass(kKept * 4);
  EXPECT_EQ(drop(), 0U);
  EXPECT_EQ(rows("run"), 1);
  EXPECT_EQ(rows("step"), 1);
}

TEST_F(RunRetention, AUnitDeletesNoMoreThanItMay) {
  given_ended(7);
  given_ended(1);
  store.clock.pass(kKept * 2);
  const auto unit = [&] {
    return store.run([&](sql::Connection& c) { return drop_old_runs(c, store.tenant, now() - kKept, 5); });
  };
  EXPECT_EQ(unit(), 5);
  EXPECT_EQ(rows("run"), 2) << "a run stays as long as it has steps";
  EXPECT_EQ(unit(), 5) << "three steps, and both runs";
  EXPECT_EQ(unit(), 0);
  EXPECT_EQ(rows("run") + rows("step"), 0);
  EXPECT_EQ(total("runs"), 0);
  EXPECT_EQ(total("runs.completed"), 0);
}

TEST_F(RunRetention, ManyGoInManyUnits) {
  for (int n = 0; n < 250; ++n) given_ended(3);
  store.clock.pass(kKept * 2);
  EXPECT_EQ(drop(), 1'000U);
  EXPECT_EQ(total("runs"), 0);
}

TEST_F(RunRetention, CountsOfAWindowThatIsOverGo) {
  const auto counted = [&](const char* node, Time ends) {
    store.run([&](sql::Connection& c) {
      c.run(
          "INSERT INTO node_count (tenant_id, workflow_id, node_id, subject, began_at, ends_at, count) VALUES ($1, $2, "
          "$3, $4, 1, $5, 1)",
          {store.tenant, workflow, node, talk.contact, ends});
      return true;
    });
  };
  counted("over", now() - seconds(1));
  counted("open", now() + seconds(1));
  EXPECT_EQ(drop(), 1U);
  EXPECT_EQ(store.number("SELECT count(*) FROM node_count WHERE node_id = 'open'"), 1);
}

}  // namespace
}  // namespace waypost::store
