// Broadcasts and the budget of their channel.

#include <gtest/gtest.h>

#include "outbound/budget_watch.h"
#include "store/budgets.h"
#include "store/rates.h"
#include "tests/outbound/broadcast_stage.h"

namespace waypost::test {
namespace {

class WithinBudget : public BroadcastStage {
 protected:
  WithinBudget() {
    in_store([&](sql::Connection& connection) {
      const Rate rate{
          .market = "*", .category = "utility", .since = 0, .currency = "EUR", .price = *read_amount("0.1")};
      store::replace_rates(connection, tenant, {rate}, clock.now());
      return 0;
    });
  }
  store::BudgetKey key() const { return {.tenant = tenant, .channel = channel_id}; }
  void given_budget(const char* amount, bool stops = true, const char* currency = "EUR") {
    in_store([&](sql::Connection& connection) {
      store::set_budget(connection, key(),
                        {.currency = currency, .amount = *read_amount(amount), .alert_at = 80, .stops = stops},
                        clock.now());
      return 0;
    });
  }
  std::string used() {
    return in_store([&](sql::Connection& connection) {
      const auto standing = store::budget_standing(connection, key(), clock.now());
      return standing ? used_of(standing->budget, standing->spending).text() : std::string();
    });
  }
  std::string stop_of(const store::Broadcast& which) { return now_of(which).stop.value_or(BroadcastStop{}).reason; }
  // As Meta's statuses do.
  void bill_all() {
    in_store([&](sql::Connection& connection) {
      for (const auto row : connection.run("SELECT id FROM message WHERE state = 'accepted' AND pricing IS NULL", {})) {
        const auto id = row.id<MessageId>(0);
        const store::Status sent{.wamid = "of-" + id.text(),
                                 .word = MetaWord::Sent,
                                 .at = clock.now(),
                                 .ours = CallbackData{.message = id, .attempt = 1},
                                 .content = {{"status", "sent"},
                                             {"recipient_id", "491701111111"},
                                             {"pricing", {{"type", "regular"}, {"category", "utility"}}}}};
        store::apply_status(connection, {.tenant = tenant, .channel = channel_id}, sent, clock.now());
      }
      return 0;
    });
  }
  // Fed, sent and fed again, until nothing moves.
  void run_and_send(BroadcastRunner& runner) {
    for (int n = 0; n < 5; ++n) {
      run(runner);
      send_all();
    }
  }
};

TEST_F(WithinBudget, ABroadcastGoesAsFarAsTheBudgetAndPausesBySayingSo) {
  given_contacts(12);
  given_budget("0.75");
  const auto sent = given_sent();
  const auto runner = make_runner();
  run(*runner);
  EXPECT_EQ(now_of(sent).status, BroadcastStatus::Sending) << "what is paid for goes out first";
  EXPECT_EQ(totals(sent).states["queued"], 7);
  run_and_send(*runner);
  EXPECT_EQ(graph.posts.size(), 7U);
  EXPECT_EQ(now_of(sent).status, BroadcastStatus::Paused);
  EXPECT_EQ(stop_of(sent), "budget_spent");
  EXPECT_EQ(totals(sent).states["waiting"], 5);
  EXPECT_EQ(used(), "0.7");
  bill_all();
  EXPECT_EQ(used(), "0.7") << "what was expected is billed";
  EXPECT_EQ(events("broadcast.paused"), 1);
}

TEST_F(WithinBudget, ItGoesOnWithALargerOne) {
  given_contacts(4);
  given_budget("0.2");
  const auto sent = given_sent();
  const auto runner = make_runner();
  run_and_send(*runner);
  ASSERT_EQ(stop_of(sent), "budget_spent");
  const auto refused = in_store([&](sql::Connection& connection) {
    return store::stop_of_broadcast(connection, now_of_in(connection, sent), clock.now());
  });
  EXPECT_EQ(refused.value_or(BroadcastStop{}).reason, "budget_spent");
  given_budget("0.4");
  EXPECT_FALSE(in_store([&](sql::Connection& connection) {
    return store::stop_of_broadcast(connection, now_of_in(connection, sent), clock.now());
  }));
  move(sent, BroadcastStatus::Sending);
  run_and_send(*runner);
  EXPECT_EQ(now_of(sent).status, BroadcastStatus::Completed);
  EXPECT_EQ(graph.posts.size(), 4U);
}

TEST_F(WithinBudget, OneThatDoesNotStopAndOneOfAnotherCurrencyHoldNothingBack) {
  given_contacts(3);
  given_budget("0.1", false);
  const auto sent = given_sent();
  const auto runner = make_runner();
  run_and_send(*runner);
  EXPECT_EQ(now_of(sent).status, BroadcastStatus::Completed);
  given_budget("0.1", true, "USD");
  const auto again = given_sent();
  run_and_send(*runner);
  EXPECT_EQ(now_of(again).status, BroadcastStatus::Completed);
  EXPECT_EQ(graph.posts.size(), 6U);
}

TEST_F(WithinBudget, RepliesGoOn) {
  given_budget("0.000001");
  given_contacts(1);
  const auto sent = given_sent();
  run_and_send(*make_runner());
  EXPECT_EQ(stop_of(sent), "budget_spent");
  const auto reply = given_message("hello");
  send();
  EXPECT_EQ(state_of(reply), MessageState::Accepted);
}

TEST_F(WithinBudget, TheAlertIsToldOnceByWhoeverWatches) {
  given_contacts(8);
  given_budget("1");
  given_sent();
  BudgetWatch one({.loop = loop.executor(), .database = *database, .clock = clock});
  BudgetWatch other({.loop = loop.executor(), .database = *database, .clock = clock});
  loop.wait(one.round());
  EXPECT_EQ(events("budget.alert"), 0);
  run_and_send(*make_runner());
  loop.wait(one.round());
  loop.wait(other.round());
  loop.wait(one.round());
  EXPECT_EQ(events("budget.alert"), 1);
}

}  // namespace
}  // namespace waypost::test
