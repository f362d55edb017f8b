#include "conversation/channel_health.h"

#include <gmock/gmock.h>

namespace waypost {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using testing::HasSubstr;

const Time kNow = from_millis(1'790'000'000'000);

Json token(Json change = Json::object()) {
  Json data{{"app_id", "900"},
            {"is_valid", true},
            {"expires_at", 0},
            {"scopes", {"whatsapp_business_management", "whatsapp_business_messaging"}}};
  data.update(change);
  return {{"data", std::move(data)}};
}
Json number(Json change = Json::object()) {
  Json fields{{"status", "CONNECTED"},
              {"quality_rating", "GREEN"},
              {"name_status", "APPROVED"},
              {"throughput", {{"level", "STANDARD"}}},
              {"health_status", {{"can_send_message", "AVAILABLE"}, {"entities", Json::array()}}},
              {"webhook_configuration", {{"application", "https://way.example/webhooks/whatsapp"}}}};
  fields.update(change);
  return fields;
}
Json apps(const std::string& id = "900") {
  return {{"data", Json::array({{{"whatsapp_business_api_data", {{"id", id}}}}})}};
}
ChannelLook healthy() {
  return {.at = kNow,
          .token = token(),
          .number = number(),
          .apps = apps(),
          .skew = milliseconds(40),
          .callback = "https://way.example/webhooks/whatsapp"};
}
HealthCheck check(const ChannelLook& look, const std::string& name) {
  for (auto& one : judge_channel(look)) {
    if (one.name == name) return one;
  }
  return {};
}

TEST(ChannelHealth, AllIsGood) {
  const auto report = health_report(healthy(), Json());
  EXPECT_EQ(report["status"], "good");
  EXPECT_EQ(report["checks"].size(), 6U);
  EXPECT_EQ(report["qualityRating"], "GREEN");
  EXPECT_EQ(report["throughput"], "STANDARD");
  EXPECT_EQ(report["tokenExpiresAt"], Json());
}

TEST(ChannelHealth, ATokenIsValidLastsAndMayDoAll) {
  const auto of = [](Json change) {
    auto look = healthy();
    look.token = token(std::move(change));
    return check(look, "token").status;
  };
  EXPECT_EQ(of({{"is_valid", false}}), HealthStatus::Bad);
  EXPECT_EQ(of({{"scopes", Json::array({"whatsapp_business_messaging"})}}), HealthStatus::Bad);
  const auto in_seconds = [](auto span) { return (to_millis(kNow) / 1000) + seconds(span).count(); };
  EXPECT_EQ(of({{"expires_at", in_seconds(seconds(-1))}}), HealthStatus::Bad);
  EXPECT_EQ(of({{"expires_at", in_seconds(days(6))}}), HealthStatus::Warning);
  EXPECT_EQ(of({{"expires_at", in_seconds(days(60))}}), HealthStatus::Good);
}

TEST(ChannelHealth, MetasOwnWordsAndAdviceAreShown) {
  auto look = healthy();
  const Json error{{"error_code", 141006}, {"error_description", "payment is due"}, {"possible_solution", "pay"}};
  const Json entity{{"entity_type", "WABA"}, {"can_send_message", "BLOCKED"}, {"errors", Json::array({error})}};
  look.number = number({{"health_status", {{"can_send_message", "BLOCKED"}, {"entities", Json::array({entity})}}}});
  const auto seen = check(look, "number");
  EXPECT_EQ(seen.status, HealthStatus::Bad);
  EXPECT_THAT(seen.words, HasSubstr("WABA: payment is due"));
  EXPECT_EQ(seen.next, "pay");
  look.number = number({{"quality_rating", "RED"}});
  EXPECT_EQ(check(look, "number").status, HealthStatus::Warning);
  look.number = number({{"status", "BANNED"}});
  EXPECT_EQ(check(look, "number").status, HealthStatus::Bad);
}

TEST(ChannelHealth, TheAppIsSubscribedAndItsCallbackIsOurs) {
  auto look = healthy();
  look.apps = apps("another");
  EXPECT_EQ(check(look, "subscription").status, HealthStatus::Bad);
  look.number = number(
      {{"webhook_configuration",
        {{"phone_number", "https://other.example/hook"}, {"application", "https://way.example/webhooks/whatsapp"}}}});
  EXPECT_EQ(check(look, "callback").status, HealthStatus::Warning);
  look.callback = "/hook";  // all we know is the path
  EXPECT_EQ(check(look, "callback").status, HealthStatus::Good);
}

TEST(ChannelHealth, FiveSecondsAreAClockThatIsOff) {
  auto look = healthy();
  look.skew = milliseconds(-4'999);
  EXPECT_EQ(check(look, "clock").status, HealthStatus::Good);
  look.skew = milliseconds(-5'000);
  EXPECT_EQ(check(look, "clock").status, HealthStatus::Warning);
}

TEST(ChannelHealth, SilenceIsBad) {
  auto look = healthy();
  look.is_silent = true;
  EXPECT_EQ(health_report(look, Json())["status"], "bad");
}

TEST(ChannelHealth, ASlowMetaChangesNothingThatWasKnown) {
  const auto before = health_report(healthy(), Json());
  auto look = healthy();
  look.token = fail(ErrorKind::Unavailable, "timeout");
  look.number = fail(ErrorKind::RateLimited, "80007");
  look.apps = fail(ErrorKind::Unavailable, "timeout");
  look.skew.reset();
  EXPECT_EQ(health_report(look, Json())["status"], "unknown");
  const auto after = health_report(look, before);
  EXPECT_EQ(after["status"], "good");
  EXPECT_TRUE(is_same_health(before, after));
}

TEST(ChannelHealth, ARefusedTokenIsBadAtOnce) {
  auto look = healthy();
  look.token = fail(ErrorKind::Unauthorised, "Meta's code 190");
  EXPECT_EQ(check(look, "token").status, HealthStatus::Warning);  // it has just read the number
  look.number = fail(ErrorKind::Unauthorised, "Meta's code 190");
  const auto after = health_report(look, health_report(healthy(), Json()));
  EXPECT_EQ(after["status"], "bad");
  EXPECT_FALSE(is_same_health(health_report(healthy(), Json()), after));
}

TEST(ChannelHealth, WordsAndTimesAreNoChangeButQualityIs) {
  const auto before = health_report(healthy(), Json());
  auto look = healthy();
  look.at += days(1);
  look.skew = milliseconds(90);
  EXPECT_TRUE(is_same_health(before, health_report(look, before)));
  look.number = number({{"quality_rating", "YELLOW"}});
  EXPECT_FALSE(is_same_health(before, health_report(look, before)));
}

}  // namespace
}  // namespace waypost
