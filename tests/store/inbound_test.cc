#include "store/inbound.h"

#include <gtest/gtest.h>

#include "tests/support/interleaving.h"

namespace waypost::store {
namespace {

// The applier's pace depends on it: a lock where a known person writes would be a statement more for everybody.
TEST(Inbound, AKnownContactsMessageTakesSixStatementsOnSqlite) {
  test::TempStore store;
  if (store.database->engine() != sql::Engine::Sqlite) GTEST_SKIP() << "SQLite's number";
  Inbound inbound{.phone_number_id = test::kNumber};
  inbound.sender.phone = "491701234567";
  inbound.message.tenant = store.tenant;
  inbound.message.channel = store.channel;
  inbound.message.text = "hello";
  inbound.message.happened_at = store.clock.now();
  bool is_reached = false;
  const auto receive = [&](const char* wamid, int statement) {
    inbound.message.wamid = wamid;
    is_reached = false;
    store.run([&](sql::Connection& connection) {
      test::InterruptedConnection counted(connection, statement, [&] { is_reached = true; });
      receive_message(counted, inbound, store.clock.now());
    });
    return is_reached;
  };
  receive("first", 1);
  EXPECT_TRUE(receive("second", 6));
  EXPECT_FALSE(receive("third", 7));
}

}  // namespace
}  // namespace waypost::store
