#include "webhook/retention.h"

#include <gtest/gtest.h>

#include "store/letter_list.h"
#include "store/seen.h"
#include "store/statuses.h"
#include "tests/webhook/gateway.h"

namespace waypost {
namespace {

using std::chrono::days;

TEST(Retention, SeenIdsOutliveTheJournalByADay) {
  test::Gateway gateway;
  auto& store = gateway.store;
  const auto seen = [&](const std::string& id) {
    return store.run([&](sql::Connection& connection) {
      return store::first_seen(connection, {store.tenant, test::kNumber, id}, store.clock.now());
    });
  };
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(seen("old-" + std::to_string(i)));
  store.clock.pass(days(1));
  EXPECT_TRUE(seen("young"));
  EXPECT_FALSE(seen("young"));
  const auto drop = [&](milliseconds later) {
    const auto dropped = drop_outlived({*store.database, *gateway.journal}, 0, {.journal = days(14), .rows = 7},
                                       store.clock.now() + later);
    return dropped ? dropped->seen : 999;
  };
  EXPECT_EQ(drop(days(14)), 0U);
  const auto horizon = [&] {
    return store.run([](sql::Connection& connection) { return store::seen_horizon(connection); });
  };
  EXPECT_FALSE(horizon());
  EXPECT_EQ(drop(days(15)), 30U);
  EXPECT_EQ(horizon(), std::chrono::floor<days>(store.clock.now()));
  EXPECT_FALSE(seen("young"));
}

TEST(Retention, OnlyAppliedLettersGo) {
  test::Gateway gateway;
  auto& store = gateway.store;
  const Time now = store.clock.now();
  store.run([&](sql::Connection& connection) {
    for (int i = 0; i < 2; ++i) {
      store::insert_dead_letter(connection, {.position = static_cast<std::uint64_t>(i), .raw = "x"}, now);
    }
    return store::mark_applied(connection, store::list_letters(connection, {}, {.limit = 1}).front().id, now);
  });
  const RetentionParts parts{*store.database, *gateway.journal};
  EXPECT_EQ(drop_outlived(parts, 0, {}, now + days(30))->dead_letters, 0U);
  EXPECT_EQ(drop_outlived(parts, 0, {}, now + days(31))->dead_letters, 1U);
  EXPECT_EQ(store.number("SELECT count(*) FROM dead_letter WHERE applied_at IS NULL"), 1);
}

}  // namespace
}  // namespace waypost
