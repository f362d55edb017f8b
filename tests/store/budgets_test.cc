#include "store/budgets.h"

#include <gtest/gtest.h>

#include "store/broadcasts.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/rates.h"
#include "store/statuses.h"
#include "store/templates.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

Rate rate(std::string market, std::string category, const char* price, const char* currency = "EUR") {
  return {.market = std::move(market),
          .category = std::move(category),
          .since = 0,
          .currency = currency,
          .price = *read_amount(price)};
}

class Budgets : public testing::Test {
 protected:
  Budgets() {
    store.clock.set(*parse_iso8601("2026-11-15T12:00:00Z"));
    store.run([this](sql::Connection& connection) {
      upsert_template(connection,
                      {.tenant = store.tenant,
                       .waba_id = test::kWaba,
                       .name = "offer",
                       .language = "en_US",
                       .category = "MARKETING",
                       .status = "APPROVED",
                       .synced_at = now()},
                      now());
      broadcast = create_broadcast(connection,
                                   {.tenant = store.tenant,
                                    .kind = "bulk",
                                    .name = "Offer",
                                    .channel = store.channel,
                                    .template_name = "offer",
                                    .template_language = "en_US"},
                                   now())
                      .id;
      return true;
    });
  }
  Time now() const { return store.clock.now(); }
  BudgetKey key() const { return {.tenant = store.tenant, .channel = store.channel}; }
  void given_rates(const std::vector<Rate>& rates) {
    store.run([&](sql::Connection& connection) {
      replace_rates(connection, store.tenant, rates, now());
      return true;
    });
  }
  void given_budget(const char* amount, std::int64_t alert_at = 80, const char* currency = "EUR") {
    store.run([&](sql::Connection& connection) {
      set_budget(connection, key(), {.currency = currency, .amount = *read_amount(amount), .alert_at = alert_at},
                 now());
      return true;
    });
  }
  // Accepted by Meta, of the broadcast.
  std::string given_message(const std::string& phone) {
    const std::string wamid = "w" + phone;
    store.run([&](sql::Connection& connection) {
      const Alias alias{.kind = AliasKind::Phone, .value = phone};
      const auto contact = create_contact(connection, {.tenant = store.tenant, .phone = phone}, {alias}, now());
      const auto talk = open_conversation(connection, store.tenant, contact->id, store.channel, now());
      const auto message = queue_message(
          connection, talk,
          {.type = "template", .text = "offer", .author = "broadcast", .stream = "bulk", .broadcast = broadcast},
          now());
      connection.run("UPDATE message SET wamid = $2, state = 'accepted' WHERE id = $1", {message.id, wamid});
      return true;
    });
    return wamid;
  }
  void status(const std::string& wamid, const char* word, const char* category) {
    Json content{{"status", word}, {"recipient_id", wamid.substr(1)}};
    if (*category) content["pricing"] = {{"pricing_model", "PMP"}, {"type", "regular"}, {"category", category}};
    const Status said{.wamid = wamid, .word = *meta_word(word), .at = now(), .content = std::move(content)};
    store.run([&](sql::Connection& connection) {
      apply_status(connection, {.tenant = store.tenant, .channel = store.channel}, said, now());
      return true;
    });
  }
  Json standing() {
    return store.run([this](sql::Connection& connection) {
      const auto now_of_it = budget_standing(connection, key(), now());
      return now_of_it ? to_json(key(), *now_of_it) : Json();
    });
  }
  bool tell() {
    return store.run([this](sql::Connection& connection) { return tell_alert(connection, key(), now()); });
  }

  test::TempStore store;
  BroadcastId broadcast{};
};

TEST_F(Budgets, WhatIsOnItsWayIsExpectedUntilMetaBillsIt) {
  given_rates({rate("49", "marketing", "0.1"), rate("*", "marketing", "0.02"), rate("49", "utility", "0.05")});
  given_budget("10");
  const auto one = given_message("4915112345678");
  given_message("5511987654321");
  auto shown = standing();
  EXPECT_EQ(shown["expected"], Json::array({{{"currency", "EUR"}, {"amount", "0.12"}}}));
  EXPECT_EQ(shown["billed"], Json::array());
  EXPECT_EQ(shown["used"], "0.12");
  EXPECT_EQ(shown["left"], "9.88");
  EXPECT_EQ(shown["percent"], 1);
  EXPECT_EQ(shown["month"], Json({{"from", "2026-11-01"}, {"until", "2026-11-30"}}));
  // Meta has put it into another category: its word counts.
  status(one, "sent", "utility");
  shown = standing();
  EXPECT_EQ(shown["billed"], Json::array({{{"currency", "EUR"}, {"amount", "0.05"}}}));
  EXPECT_EQ(shown["expected"], Json::array({{{"currency", "EUR"}, {"amount", "0.02"}}}));
  EXPECT_EQ(shown["used"], "0.07");
}

TEST_F(Budgets, WhatHasFailedAndWhatWasDeliveredUnbilledIsNotExpected) {
  given_rates({rate("*", "marketing", "0.1")});
  given_budget("10");
  const auto failed = given_message("4915112345671");
  const auto delivered = given_message("4915112345672");
  EXPECT_EQ(standing()["used"], "0.2");
  status(failed, "failed", "");
  EXPECT_EQ(standing()["used"], "0.1");
  status(delivered, "delivered", "");
  EXPECT_EQ(standing()["used"], "0");
}

TEST_F(Budgets, WithoutARateItIsToldAsUnpriced) {
  given_budget("10");
  const auto one = given_message("4915112345671");
  given_message("4915112345672");
  status(one, "sent", "marketing");
  EXPECT_EQ(standing()["unpriced"], 2);
  EXPECT_EQ(standing()["used"], "0");
}

TEST_F(Budgets, AMonthEndsWhereTheWorkspaceIs) {
  given_rates({rate("*", "marketing", "1")});
  given_budget("10");
  store.run([this](sql::Connection& connection) {
    set_setting(connection, store.tenant, "timeZone", "Europe/Berlin", now());
    return true;
  });
  store.clock.set(*parse_iso8601("2026-11-30T22:59:00Z"));
  status(given_message("4915112345671"), "sent", "marketing");
  EXPECT_EQ(standing()["used"], "1");
  store.clock.set(*parse_iso8601("2026-11-30T23:00:00Z"));  // midnight in Berlin
  EXPECT_EQ(standing()["used"], "0");
  EXPECT_EQ(standing()["month"]["from"], "2026-12-01");
  status(given_message("4915112345672"), "sent", "marketing");
  given_message("4915112345673");
  EXPECT_EQ(standing()["used"], "2");
}

TEST_F(Budgets, TheAlertIsToldOnceAMonthAndAgainForAnotherBudget) {
  given_rates({rate("*", "marketing", "1")});
  given_budget("10", 20);
  EXPECT_FALSE(tell());
  given_message("4915112345671");
  EXPECT_FALSE(tell());
  given_message("4915112345672");
  EXPECT_TRUE(tell());
  EXPECT_FALSE(tell());
  given_budget("10", 20);  // the same
  EXPECT_FALSE(tell());
  given_budget("4", 20);
  EXPECT_TRUE(tell());
  store.clock.set(*parse_iso8601("2026-12-02T12:00:00Z"));
  EXPECT_FALSE(tell()) << "a new month begins with nothing";
  given_message("4915112345673");
  EXPECT_TRUE(tell());
  EXPECT_EQ(store.number("SELECT count(*) FROM event WHERE type = 'budget.alert'"), 3);
  EXPECT_EQ(store.number("SELECT count(*) FROM event WHERE type = 'budget.updated'"), 3);
}

TEST_F(Budgets, OfWhatIsUnbilledOnlyTheIndexIsWalked) {
  if (store.database->engine() != sql::Engine::Sqlite) GTEST_SKIP() << "of SQLite's planner";
  const auto plan = store.run([this](sql::Connection& connection) {
    std::string text;
    for (const auto row : connection.run(
             "EXPLAIN QUERY PLAN SELECT b.template_name, b.template_language, c.phone FROM message AS m JOIN broadcast "
             "AS b "
             "ON b.tenant_id = m.tenant_id AND b.id = m.broadcast_id LEFT JOIN contact AS c ON c.tenant_id = "
             "m.tenant_id "
             "AND c.id = m.contact_id WHERE m.tenant_id = $1 AND m.channel_id = $2 AND m.created_at >= $3 AND "
             "m.broadcast_id IS NOT NULL AND m.pricing IS NULL AND (m.state = 'queued' OR m.state = 'sending' OR "
             "m.state = 'unknown' OR m.state = 'held' OR m.state = 'accepted' OR m.state = 'sent')",
             {store.tenant, store.channel, now()}))
      text += row.text(3) + "\n";
    return text;
  });
  EXPECT_NE(plan.find("message_unbilled"), std::string::npos) << plan;
}

TEST_F(Budgets, IsGoneWhenItIsTakenAway) {
  given_budget("10");
  const auto drop = [this] {
    return store.run([this](sql::Connection& connection) { return drop_budget(connection, key(), now()); });
  };
  EXPECT_TRUE(drop());
  EXPECT_FALSE(drop());
  EXPECT_TRUE(standing().is_null());
  EXPECT_FALSE(tell());
}

TEST_F(Budgets, RatesOfOneWorkspaceAreNoneOfAnothers) {
  given_rates({rate("*", "marketing", "1")});
  given_rates({rate("*", "marketing", "2"), rate("49", "marketing", "3")});
  const auto [ours, theirs] = store.run([this](sql::Connection& connection) {
    const auto other = create_tenant(connection, "two", now()).id;
    replace_rates(connection, other, {rate("*", "utility", "9")}, now());
    return std::pair(list_rates(connection, store.tenant), list_rates(connection, other));
  });
  ASSERT_EQ(ours.size(), 2U);
  EXPECT_EQ(ours[0].price.text(), "2");
  ASSERT_EQ(theirs.size(), 1U);
  EXPECT_EQ(theirs[0].category, "utility");
}

}  // namespace
}  // namespace waypost::store
