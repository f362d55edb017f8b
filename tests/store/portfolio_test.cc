#include "store/portfolio.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "store/contacts.h"
#include "store/conversations.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class Portfolio : public testing::Test {
 protected:
  ContactId person() {
    return store.run([this](sql::Connection& connection) {
      return create_contact(connection, {.tenant = store.tenant}, {}, store.clock.now())->id;
    });
  }
  // As an attempt does it: by a message of its own, or by this one.
  std::optional<Time> reaches(ContactId contact, std::optional<std::int64_t> limit = 2, const std::string& of = "w") {
    message = MessageId::make(store.clock.now());
    const Reach reach{.tenant = store.tenant, .contact = contact, .message = message, .waba_id = of, .limit = limit};
    return store.run([&](sql::Connection& connection) {
      const auto room = room_at(connection, reach, store.clock.now());
      if (!room) note_reached(connection, reach, store.clock.now());
      return room;
    });
  }
  void is_refused(ContactId contact, MessageId by) {
    store.run([&](sql::Connection& connection) {
      forget_reached(connection, {.tenant = store.tenant, .contact = contact, .message = by}, store.clock.now());
    });
  }
  void is_owned(const std::string& waba_id, const std::string& portfolio) {
    store.run([&](sql::Connection& connection) {
      note_owner_of_account(connection, {.waba_id = waba_id, .portfolio = portfolio, .at = store.clock.now()});
    });
  }
  void are_one(ContactId lost, ContactId survivor) {
    store.run([&](sql::Connection& connection) {
      bring_reached(connection, {.tenant = store.tenant, .lost = lost, .survivor = survivor}, store.clock.now());
    });
  }
  std::int64_t counted() {
    return store.run([&](sql::Connection& connection) { return count_reached(connection, "w", store.clock.now()); });
  }

  MessageId message;  // the last
  test::TempStore store;
  const ContactId ann = person();
  const ContactId bob = person();
  const ContactId cid = person();
};

TEST_F(Portfolio, ReachesSoManyPeopleADay) {
  EXPECT_EQ(reaches(ann), std::nullopt);
  store.clock.pass(hours(5));
  EXPECT_EQ(reaches(bob), std::nullopt);
  const auto room = reaches(cid);
  ASSERT_TRUE(room);
  EXPECT_GT(*room, store.clock.now() + hours(18));
  EXPECT_LE(*room, store.clock.now() + hours(20));
  EXPECT_EQ(counted(), 2);
  store.clock.set(*room);
  EXPECT_EQ(reaches(cid), std::nullopt);
  EXPECT_EQ(counted(), 2);
}

TEST_F(Portfolio, APersonCountsOnceAndFromTheLastTime) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(reaches(ann, 1), std::nullopt);
  store.clock.pass(hours(20));
  EXPECT_EQ(reaches(ann, 1), std::nullopt);
  EXPECT_EQ(counted(), 1);
  store.clock.pass(hours(20));
  EXPECT_EQ(counted(), 1);
  EXPECT_TRUE(reaches(bob, 1));
  store.clock.pass(hours(5));
  EXPECT_EQ(counted(), 0);
}

TEST_F(Portfolio, WithoutALimitAllAreCounted) {
  for (const auto& one : {ann, bob, cid}) EXPECT_EQ(reaches(one, std::nullopt), std::nullopt);
  EXPECT_EQ(counted(), 3);
  EXPECT_EQ(reaches(ann, 1, "another account"), std::nullopt);
}

TEST_F(Portfolio, AskingForRoomCountsNobody) {
  const Reach reach{.tenant = store.tenant, .contact = ann, .message = message, .waba_id = "w", .limit = 1};
  store.run([&](sql::Connection& connection) { return room_at(connection, reach, store.clock.now()); });
  EXPECT_EQ(counted(), 0);
  EXPECT_EQ(store.number("SELECT count(*) FROM portfolio_reach"), 0);
}

TEST_F(Portfolio, WhoWasNotReachedAfterAllDoesNotCount) {
  reaches(ann, 1);
  is_refused(ann, message);
  EXPECT_EQ(counted(), 0);
  is_refused(ann, message);
  EXPECT_EQ(counted(), 0);
  EXPECT_EQ(reaches(bob, 1), std::nullopt);
}

TEST_F(Portfolio, ARefusalLeavesThePersonWhatWentBefore) {
  reaches(ann, 1);
  const auto first = message;
  store.clock.pass(hours(20));
  reaches(ann, 1);
  is_refused(ann, message);
  EXPECT_EQ(counted(), 1);
  store.clock.pass(hours(5));
  EXPECT_EQ(counted(), 0);
  is_refused(ann, first);
  EXPECT_EQ(counted(), 0);
}

TEST_F(Portfolio, OfTwoMessagesInAnHourTheOtherStands) {
  reaches(ann);
  const auto first = message;
  reaches(ann);
  is_refused(ann, first);
  EXPECT_EQ(counted(), 1);
  is_refused(ann, message);
  EXPECT_EQ(counted(), 0);
}

TEST_F(Portfolio, AMergedPersonCountsOnceAndAnErasedOneGoesOnCounting) {
  reaches(ann);
  store.clock.pass(hours(1));
  reaches(bob);
  are_one(ann, bob);
  EXPECT_EQ(counted(), 1);
  store.clock.pass(hours(24));
  EXPECT_EQ(counted(), 1);
  store.run([&](sql::Connection& connection) { delete_contact(connection, store.tenant, bob, store.clock.now()); });
  EXPECT_EQ(store.number("SELECT count(*) FROM portfolio_reach"), 0);
  EXPECT_EQ(counted(), 1);
}

TEST_F(Portfolio, AChannelsUseAndWhoTakesNoneOfItsRoom) {
  const auto channel = store.run([&](sql::Connection& connection) {
    auto known = *lock_channel(connection, store.tenant, store.channel);
    known.standing["capability"] = {{"at", "x"}, {"value", {{"max_daily_conversations_per_business", 1}}}};
    update_standing(connection, known, store.clock.now());
    return known;
  });
  const auto use = [&] {
    return store.run([&](sql::Connection& connection) { return limit_use(connection, channel, store.clock.now()); });
  };
  const auto free = [&](Time at) {
    return store.run([&](sql::Connection& connection) {
      return who_take_no_room(connection, channel,
                              {.first = std::min({ann, bob, cid}), .last = std::max({ann, bob, cid})}, at);
    });
  };
  EXPECT_EQ(to_json(use()), (Json{{"limit", 1}, {"used", 0}, {"room", 1}, {"portfolioId", nullptr}}));
  reaches(ann, 1, test::kWaba);
  reaches(bob, std::nullopt, test::kWaba);
  EXPECT_EQ(to_json(use()), (Json{{"limit", 1}, {"used", 2}, {"room", 0}, {"portfolioId", nullptr}}));
  store.run([&](sql::Connection& connection) {
    open_conversation(connection, store.tenant, cid, store.channel, store.clock.now());
    connection.run("UPDATE conversation SET window_expires_at = $1", {store.clock.now() + hours(2)});
  });
  std::vector<ContactId> all{ann, bob, cid};
  std::ranges::sort(all);
  EXPECT_EQ(free(store.clock.now()), all);
  std::erase(all, cid);
  EXPECT_EQ(free(store.clock.now() + hours(3)), all);
  EXPECT_TRUE(free(store.clock.now() + hours(26)).empty());
}

TEST_F(Portfolio, AccountsOfOnePortfolioAreCountedTogether) {
  reaches(ann, 2, "w");
  reaches(bob, 2, "v");
  EXPECT_EQ(counted(), 1);
  is_owned("w", "business");
  EXPECT_EQ(counted(), 1);
  is_owned("v", "business");
  is_owned("u", "another");
  EXPECT_EQ(counted(), 2);
  EXPECT_TRUE(reaches(cid, 2, "w"));
  EXPECT_TRUE(reaches(cid, 2, "v"));
  EXPECT_EQ(reaches(ann, 2, "v"), std::nullopt);
  EXPECT_EQ(reaches(cid, 2, "u"), std::nullopt);
  EXPECT_EQ(counted(), 2);
}

TEST_F(Portfolio, APersonCountsOnceForAllAccountsOfAPortfolio) {
  is_owned("w", "business");
  is_owned("v", "business");
  reaches(ann, 1, "w");
  store.clock.pass(hours(2));
  reaches(ann, 1, "v");
  EXPECT_EQ(counted(), 1);
  is_refused(ann, message);
  EXPECT_EQ(counted(), 1);
  store.clock.pass(hours(23));
  EXPECT_EQ(counted(), 0);
}

TEST_F(Portfolio, TheLaterWordSaysWhoseAnAccountIs) {
  is_owned("w", "business");
  is_owned("v", "business");
  reaches(bob, 2, "v");
  EXPECT_EQ(counted(), 1);
  store.clock.pass(seconds(-5));
  is_owned("w", "another");
  EXPECT_EQ(counted(), 1);
  store.clock.pass(seconds(10));
  is_owned("w", "another");
  EXPECT_EQ(counted(), 0);
}

TEST_F(Portfolio, AMergedPersonOfTwoAccountsCountsOnce) {
  is_owned("w", "business");
  is_owned("v", "business");
  reaches(ann, 5, "w");
  reaches(ann, 5, "v");
  store.clock.pass(hours(1));
  reaches(bob, 5, "v");
  are_one(ann, bob);
  EXPECT_EQ(counted(), 1);
}

TEST_F(Portfolio, WhatCountsNoMoreGoes) {
  reaches(ann);
  store.clock.pass(hours(3));
  reaches(bob);
  store.clock.pass(hours(23));
  const auto gone =
      store.run([&](sql::Connection& connection) { return drop_outlived_reach(connection, store.clock.now(), 500); });
  EXPECT_EQ(gone, 1);
  EXPECT_EQ(counted(), 1);
  EXPECT_EQ(store.number("SELECT count(*) FROM portfolio_hour"), 1);
}

}  // namespace
}  // namespace waypost::store
