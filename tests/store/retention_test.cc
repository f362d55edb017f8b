#include "store/retention.h"

#include <gtest/gtest.h>

#include "base/day.h"
#include "store/calls.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

class Retention : public testing::Test {
 protected:
  Time now() const { return store.clock.now(); }
  std::size_t drop() {
    const auto dropped =
        drop_outlived_rows(*store.database, {.events = std::chrono::days(30), .runs = std::chrono::days(90)}, now());
    EXPECT_TRUE(dropped) << (dropped ? "" : dropped.error().words());
    return dropped.value_or(0);
  }
  void given_pricing(Time at, std::int64_t rows = 1) {
    store.run([&](sql::Connection& connection) {
      for (std::int64_t lane = 0; lane < rows; ++lane) {
        connection.run(
            "INSERT INTO pricing_day (tenant_id, channel_id, day, market, category, type, model, lane, n) VALUES ($1, "
            "$2, $3, '49', 'utility', 'regular', 'PMP', $4, 1)",
            {store.tenant, store.channel, day_of(at), lane});
      }
      return true;
    });
  }
  void given_call(const std::string& id) {
    store.run([&](sql::Connection& connection) {
      const auto channel = *find_channel(connection, store.tenant, store.channel);
      apply_call_news(connection, channel, {.call_id = id, .word = "RINGING", .at = now(), .direction = "in"}, now());
      return true;
    });
  }
  void given_recipient(MessageId message, const std::string& participant) {
    store.run([&](sql::Connection& connection) {
      connection.run(
          "INSERT INTO message_recipient (tenant_id, message_id, participant, state) VALUES ($1, $2, $3, 'read')",
          {store.tenant, message, participant});
      return true;
    });
  }

  test::TempStore store;
};

TEST_F(Retention, SumsOfWhatMetaBillsGoWhenTheyAreOld) {
  given_pricing(now() - kPricingKept - std::chrono::days(1), 1'203);  // more than two units
  given_pricing(now() - kPricingKept + std::chrono::days(1));
  given_pricing(now());
  EXPECT_EQ(drop(), 1'203U);
  EXPECT_EQ(store.number("SELECT count(*) FROM pricing_day"), 2);
  EXPECT_EQ(drop(), 0U);
}

TEST_F(Retention, CallsGoWhenTheyAreOld) {
  given_call("old");
  store.clock.pass(std::chrono::hours(2));
  given_call("later");
  store.clock.pass(kCallsKept - std::chrono::hours(1));
  EXPECT_EQ(drop(), 1U);
  EXPECT_EQ(store.number("SELECT count(*) FROM phone_call WHERE call_id = 'later'"), 1);
}

TEST_F(Retention, ParticipantsStatusesGoWithTheAgeOfTheirMessage) {
  const auto old = MessageId::make(now());
  given_recipient(old, "111");
  given_recipient(old, "222");
  store.clock.pass(milliseconds(2));
  const auto later = MessageId::make(now());
  given_recipient(later, "111");
  store.clock.pass(kRecipientsKept - milliseconds(1));
  EXPECT_EQ(drop(), 2U);
  EXPECT_EQ(store.number("SELECT count(*) FROM message_recipient"), 1);
  store.clock.pass(milliseconds(2));
  EXPECT_EQ(drop(), 1U);
}

}  // namespace
}  // namespace waypost::store
