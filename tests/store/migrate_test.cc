// Which schemas a release runs on.

#include "store/migrate.h"

#include <gtest/gtest.h>

#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

class Migrate : public ::testing::Test {
 protected:
  Result<void> start() { return store::migrate(*store_.database, store_.database->engine(), store_.clock.now()); }

  // What a later release leaves: its schema, and the oldest one whose release runs on it.
  void given_newer_schema(std::int64_t number, std::int64_t runs_with) {
    store_.run([&](sql::Connection& connection) {
      connection.run("INSERT INTO schema_migration (number, applied_at, runs_with) VALUES ($1, $2, $3)",
                     {number, store_.clock.now(), runs_with});
    });
  }

  test::TempStore store_;
};

TEST_F(Migrate, AStartOnItsOwnSchemaChangesNothing) {
  EXPECT_TRUE(start());
  EXPECT_TRUE(start());
}

TEST_F(Migrate, AReleaseRunsOnTheSchemaOfTheNext) {
  given_newer_schema(2, 1);
  EXPECT_TRUE(start());
}

TEST_F(Migrate, AReleaseRefusesASchemaThatLeftItBehind) {
  given_newer_schema(2, 1);
  given_newer_schema(3, 2);
  const auto started = start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind(), ErrorKind::Rejected);
}

}  // namespace
}  // namespace waypost::store
