// Looks at a channel whose Meta is the simulator, over real connections.

#include "outbound/channel_look.h"

#include <gmock/gmock.h>

#include "conversation/channel_health.h"
#include "conversation/messaging_limit.h"
#include "conversation/throughput.h"
#include "store/channel_health.h"
#include "store/portfolio.h"
#include "tests/outbound/stage.h"
#include "tests/support/sandbox_process.h"

namespace waypost::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

class ChannelLookTest : public Stage {
 protected:
  ChannelLookTest() {
    clock.set(SystemClock().now());
    customer_writes();
    sandbox.post("/control/numbers", {{"phone_number_id", "106"},
                                      {"waba_id", "waba"},
                                      {"token", "token-1"},
                                      {"webhook_url", "https://way.example/webhooks/whatsapp"}});
    GraphSettings graph_settings;
    graph_settings.base_url = sandbox.url();
    management = ManagementClient::make(*http, graph_settings);
    looker = std::make_unique<ChannelLooker>(
        ChannelLookParts{.database = database.get(), .graph = management.get(), .clock = &clock, .keyring = &keyring},
        HealthSettings{}, "https://way.example/");
  }
  void number_is(Json change) {
    change["phone_number_id"] = "106";
    sandbox.post("/control/numbers", change);
  }
  store::ChannelHealth look() {
    pass(milliseconds(1));
    auto seen = loop.wait(looker->look(channel()));
    EXPECT_TRUE(seen.has_value()) << (seen ? "" : seen.error().words());
    return seen ? *seen : store::ChannelHealth{};
  }
  static std::map<std::string, std::string> checks(const store::ChannelHealth& health) {
    std::map<std::string, std::string> statuses;
    for (const auto& check : health.report["checks"]) statuses[check["name"]] = check["status"];
    return statuses;
  }

  SandboxProcess sandbox;
  std::unique_ptr<HttpClient> http = HttpClient::make(loop.executor(), {});
  std::unique_ptr<ManagementClient> management;
  std::unique_ptr<ChannelLooker> looker;
};

TEST_F(ChannelLookTest, AHealthyChannelIsGoodAndToldToNobody) {
  const auto seen = look();
  EXPECT_EQ(seen.status, "good") << seen.report.dump();
  EXPECT_EQ(seen.report["qualityRating"], "GREEN");
  EXPECT_EQ(look().changed_at, seen.changed_at);
  EXPECT_EQ(events("channel.health_changed"), 0);
}

TEST_F(ChannelLookTest, WhatIsWrongIsToldOnceAndWhenItIsOver) {
  number_is({{"fields", {{"quality_rating", "RED"}}}, {"subscribed", false}});
  const auto seen = look();
  EXPECT_EQ(seen.status, "bad");
  EXPECT_THAT(checks(seen), Contains(Pair("number", "warning")));
  EXPECT_THAT(checks(seen), Contains(Pair("subscription", "bad")));
  look();
  EXPECT_EQ(events("channel.health_changed"), 1);
  number_is({{"fields", {{"quality_rating", "GREEN"}}}, {"subscribed", true}});
  EXPECT_EQ(look().status, "good");
  EXPECT_EQ(events("channel.health_changed"), 2);
}

TEST_F(ChannelLookTest, WhatItSaysOfPaceAndLimitStandsWithTheChannel) {
  look();
  EXPECT_EQ(throughput(channel().standing), 80);
  EXPECT_EQ(messaging_limit(channel().standing), std::nullopt);
  EXPECT_EQ(events("channel.updated"), 1);
  look();
  EXPECT_EQ(events("channel.updated"), 1);
  number_is({{"fields", {{"is_on_biz_app", true}, {"whatsapp_business_manager_messaging_limit", "TIER_2K"}}}});
  look();
  EXPECT_EQ(throughput(channel().standing), 20);
  EXPECT_EQ(messaging_limit(channel().standing), 2'000);
  EXPECT_EQ(events("channel.updated"), 2);
}

TEST_F(ChannelLookTest, TheBusinessAboveTheNumberIsItsPortfolio) {
  const Json business{{"entity_type", "BUSINESS"}, {"id", "506"}, {"can_send_message", "AVAILABLE"}};
  number_is(
      {{"fields", {{"health_status", {{"can_send_message", "AVAILABLE"}, {"entities", Json::array({business})}}}}}});
  look();
  const auto use =
      in_store([this](sql::Connection& connection) { return store::limit_use(connection, channel(), clock.now()); });
  EXPECT_EQ(use.portfolio, "506");
}

TEST_F(ChannelLookTest, ARefusedTokenIsSeenAndNeverTold) {
  set_channel_state("active", "another-secret");
  const auto seen = look();
  EXPECT_THAT(checks(seen), Contains(Pair("token", "bad")));
  EXPECT_THAT(seen.report.dump(), testing::Not(HasSubstr("another-secret")));
}

TEST_F(ChannelLookTest, ATokenThatEndsSoonIsAWarning) {
  const auto end = to_millis(clock.now()) / 1'000 + 86'400;
  number_is({{"token_info", {{"expires_at", end}}}});
  EXPECT_THAT(checks(look()), Contains(Pair("token", "warning")));
}

TEST_F(ChannelLookTest, AClockThatIsOffIsAWarning) {
  EXPECT_THAT(checks(look()), Contains(Pair("clock", "good")));
  sandbox.post("/control/settings", {{"date_skew_ms", 60'000}});
  const auto seen = look();
  EXPECT_THAT(checks(seen), Contains(Pair("clock", "warning")));
  EXPECT_LT(seen.report["clockSkewMs"].get<std::int64_t>(), -55'000);
}

TEST_F(ChannelLookTest, AMetaThatIsAwayChangesNothing) {
  look();
  sandbox.stop();
  EXPECT_EQ(look().status, "good");
  EXPECT_EQ(events("channel.health_changed"), 0);
}

TEST_F(ChannelLookTest, AcceptedMessagesWithoutAnyStatusAreSilence) {
  const auto one = given_message("one");
  const auto two = given_message("two");
  send();
  ASSERT_EQ(state_of(two), MessageState::Accepted);
  EXPECT_THAT(checks(look()), Contains(Pair("silence", "good")));
  pass(std::chrono::minutes(31));
  EXPECT_THAT(checks(look()), Contains(Pair("silence", "bad")));
  status_says(one, "delivered");
  EXPECT_THAT(checks(look()), Contains(Pair("silence", "good")));
}

}  // namespace
}  // namespace waypost::test
