#include "store/account_news.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "conversation/account_news.h"
#include "store/channel_blocks.h"
#include "store/contacts.h"
#include "store/portfolio.h"
#include "store/templates.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

constexpr std::string_view kStatus = "message_template_status_update";
constexpr std::string_view kQuality = "message_template_quality_update";
constexpr std::string_view kNumberQuality = "phone_number_quality_update";
constexpr std::string_view kPreferences = "user_preferences";

class News : public testing::Test {
 protected:
  // So many seconds from now, in either direction.
  Time at(int seconds_on) const { return store.clock.now() + seconds(seconds_on); }
  void tell(std::string_view field, const Json& value, Time said) {
    store.run([&](sql::Connection& connection) {
      apply_account_news(connection,
                         {.tenant = store.tenant, .waba_id = test::kWaba, .field = field, .value = value, .at = said},
                         store.clock.now());
    });
  }
  void given_template(Time listed_at, const std::string& status = "APPROVED") {
    store.run([&](sql::Connection& connection) {
      upsert_template(connection,
                      {.tenant = store.tenant,
                       .waba_id = test::kWaba,
                       .name = "order_update",
                       .language = "en_US",
                       .category = "UTILITY",
                       .status = status,
                       .synced_at = listed_at},
                      store.clock.now());
    });
  }
  Template shown() {
    return store.run([&](sql::Connection& connection) { return list_templates(connection, store.tenant).at(0); });
  }
  Channel channel() {
    return store.run(
        [&](sql::Connection& connection) { return *find_channel(connection, store.tenant, store.channel); });
  }
  Contact contact_of(const std::string& user_id) {
    return store.run([&](sql::Connection& connection) {
      const auto id = contact_of_alias(connection, store.tenant, {.kind = AliasKind::Bsuid, .value = user_id});
      return id ? *find_contact(connection, store.tenant, *id) : Contact{};
    });
  }
  std::int64_t events(const std::string& type) {
    return store.number("SELECT count(*) FROM event WHERE type = '" + type + "'");
  }
  static Json of_template(const char* key, const char* word) {
    return {{key, word}, {"message_template_name", "order_update"}, {"message_template_language", "en_US"}};
  }
  static Json wish(const char* word, Time said) {
    return {{"user_preferences", Json::array({{{"user_id", "US.1"},
                                               {"category", "marketing_messages"},
                                               {"value", word},
                                               {"timestamp", to_millis(said) / 1000}}})}};
  }
  static Json number_quality(const char* word) { return {{"display_phone_number", "15550783881"}, {"event", word}}; }

  test::TempStore store;
};

TEST_F(News, APausedTemplateIsPausedAtOnceAndListedSoon) {
  given_template(at(-60));
  store.run([&](sql::Connection& connection) {
    note_templates_synced(connection, {.tenant = store.tenant, .waba_id = test::kWaba, .at = at(-60)});
  });
  tell(kStatus, of_template("event", "PAUSED"), at(-10));
  EXPECT_EQ(shown().status, "PAUSED");
  EXPECT_EQ(events("template.status_updated"), 1);
  EXPECT_EQ(events("template.updated"), 2);
  EXPECT_FALSE(channel().templates_synced_at);
}

TEST_F(News, WhatTheListingKnowsAlreadyChangesNothing) {
  given_template(at(0));
  tell(kStatus, of_template("event", "PAUSED"), at(-10));
  EXPECT_EQ(shown().status, "APPROVED");
}

TEST_F(News, AListingReadBeforeTheNewsDoesNotUndoIt) {
  given_template(at(-60));
  tell(kStatus, of_template("event", "REJECTED"), at(10));
  given_template(at(0));
  EXPECT_EQ(shown().status, "REJECTED");
  EXPECT_EQ(shown().synced_at, at(0));
  given_template(at(20));
  EXPECT_EQ(shown().status, "APPROVED");
}

// Each part has its own time.
TEST_F(News, TheLatestWordStandsInWhateverOrderItComes) {
  given_template(at(-60));
  std::vector<std::function<void()>> news{[&] { tell(kStatus, of_template("event", "PAUSED"), at(-30)); },
                                          [&] { tell(kStatus, of_template("event", "APPROVED"), at(-20)); },
                                          [&] { tell(kQuality, of_template("new_quality_score", "RED"), at(-25)); },
                                          [&] { tell(kNumberQuality, number_quality("ONBOARDING"), at(-30)); },
                                          [&] { tell(kNumberQuality, number_quality("FLAGGED"), at(-20)); },
                                          [&] { tell(kPreferences, wish("stop", at(-20)), at(-20)); },
                                          [&] { tell(kPreferences, wish("resume", at(-30)), at(-30)); }};
  std::vector<std::size_t> order{0, 1, 2, 3, 4, 5, 6};
  for (int turn = 0; turn < 7; ++turn) {
    store.run([](sql::Connection& connection) {
      connection.run("UPDATE template SET said = $1, status = 'APPROVED', quality = NULL", {sql::JsonText{"{}"}});
      connection.run("UPDATE channel SET standing = $1", {sql::JsonText{"{}"}});
      connection.run("UPDATE contact SET marketing_said_at = NULL, marketing_stopped = $1", {false});
    });
    for (const auto one : order) news[one]();
    EXPECT_EQ(shown().status, "APPROVED");
    EXPECT_EQ(shown().quality, "RED");
    EXPECT_EQ(channel().standing["quality"]["value"]["event"], "FLAGGED");
    EXPECT_TRUE(contact_of("US.1").marketing_stopped);
    std::ranges::rotate(order, order.begin() + 1);
    if (turn % 2 == 1) std::ranges::reverse(order);
  }
}

TEST_F(News, ANumbersStandingIsThatNumbersAndTheAccountsIsAllItsNumbers) {
  const auto other = store.add_channel(store.tenant, "2");
  store.run([&](sql::Connection& connection) {
    connection.run("UPDATE channel SET display_phone_number = '+1 555 1' WHERE id = $1", {other});
  });
  tell(kNumberQuality, number_quality("FLAGGED"), at(0));
  tell("account_update", {{"event", "ACCOUNT_RESTRICTION"}}, at(0));
  const auto second = store.run([&](sql::Connection& c) { return *find_channel(c, store.tenant, other); });
  EXPECT_TRUE(channel().standing.contains("quality"));
  EXPECT_FALSE(second.standing.contains("quality"));
  EXPECT_TRUE(second.standing.contains("restriction"));
  EXPECT_EQ(events("channel.updated"), 3);
}

TEST_F(News, OfABlockedAccountLetOneSendTryAtOnce) {
  store.run([&](sql::Connection& connection) {
    block_channels(connection, {.tenant = store.tenant, .channel = store.channel, .code = 368, .words = "no"},
                   store.clock.now());
    EXPECT_FALSE(begin_probe(connection, *find_channel(connection, store.tenant, store.channel), store.clock.now()));
  });
  tell("account_update", {{"event", "ACCOUNT_RESTRICTION_LIFTED"}}, at(0));
  tell("account_update", {{"event", "ACCOUNT_RESTRICTION"}}, at(1));
  EXPECT_EQ(channel().state, "blocked");
  store.run([&](sql::Connection& connection) {
    const auto seen = *find_channel(connection, store.tenant, store.channel);
    EXPECT_TRUE(begin_probe(connection, seen, store.clock.now()));
    EXPECT_FALSE(begin_probe(connection, seen, store.clock.now()));
  });
}

TEST_F(News, AnAccountsOwnerIsItsPortfolio) {
  const auto portfolio = [this] {
    return store.run([this](sql::Connection& connection) {
      return limit_use(connection, *find_channel(connection, store.tenant, store.channel), store.clock.now()).portfolio;
    });
  };
  tell("account_update", {{"event", "PARTNER_APP_INSTALLED"}, {"waba_info", {{"waba_id", test::kWaba}}}}, at(0));
  EXPECT_EQ(portfolio(), std::nullopt);
  const Json info{{"waba_id", test::kWaba}, {"owner_business_id", "2329417887457253"}};
  tell("account_update", {{"event", "PARTNER_ADDED"}, {"waba_info", info}}, at(1));
  EXPECT_EQ(portfolio(), "2329417887457253");
}

TEST_F(News, AHugeValueIsInTheFeedOnly) {
  auto value = number_quality("FLAGGED");
  value["more"] = std::string(20'000, 'x');
  tell(kNumberQuality, value, at(0));
  EXPECT_TRUE(channel().standing.empty());
  EXPECT_EQ(events("number.quality_updated"), 1);
}

TEST_F(News, AWishOfSomebodyUnknownIsKept) {
  tell(kPreferences, wish("stop", at(0)), at(0));
  EXPECT_TRUE(contact_of("US.1").marketing_stopped);
  EXPECT_EQ(events("contact.created"), 1);
  EXPECT_EQ(events("contact.preferences_updated"), 1);
}

TEST_F(News, OtherIdsLeadToTheSamePerson) {
  tell(kPreferences, wish("stop", at(0)), at(0));
  tell("user_id_update",
       {{"user_id_update", Json::array({{{"user_id", {{"previous", "US.1"}, {"current", "US.2"}}}}})}}, at(0));
  EXPECT_EQ(contact_of("US.2").id, contact_of("US.1").id);
  EXPECT_EQ(contact_of("US.2").user_id, "US.2");
}

TEST_F(News, WhatIsNotKnownIsToldWhole) {
  tell("telepathy", {{"thought", "blue"}}, at(0));
  EXPECT_EQ(events(std::string(kUnhandled)), 1);
}

}  // namespace
}  // namespace waypost::store
