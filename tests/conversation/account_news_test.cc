#include "conversation/account_news.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

Json of_template(Json rest) {
  rest["message_template_id"] = 1'689'556'908'129'832;
  rest["message_template_name"] = "order_update";
  rest["message_template_language"] = "en_US";
  return rest;
}

TemplateNews status_news(Json value) {
  const auto news = template_news_of("message_template_status_update", of_template(std::move(value)));
  EXPECT_TRUE(news);
  return news.value_or(TemplateNews{});
}

TEST(AccountNews, AFieldThatIsNotKnownIsUnhandled) {
  EXPECT_EQ(kind_of_news("telepathy", Json::object()).event, kUnhandled);
  EXPECT_EQ(kind_of_news("messages", {{"something", 1}}).event, kUnhandled);
  EXPECT_EQ(kind_of_news("messages", Json()).event, kUnhandled);
  EXPECT_EQ(kind_of_news("messages", {{"errors", Json::array()}}).event, "account.error");
  EXPECT_TRUE(kind_of_news("security", Json()).is_alarming);
}

TEST(AccountNews, PartnerEventsNameTheAccountWithin) {
  EXPECT_EQ(account_of_news("1", Json::object()), "1");
  EXPECT_EQ(account_of_news("1", {{"waba_info", {{"waba_id", "2"}}}}), "2");
  EXPECT_EQ(account_of_news("1", {{"waba_info", {{"waba_id", 3}}}}), "3");
  EXPECT_EQ(account_of_news("1", {{"waba_info", {{"waba_id", Json::array()}}}}), "1");
}

TEST(AccountNews, ATemplatesStatusIsInTheWordsOfTheListing) {
  EXPECT_EQ(status_news({{"event", "PAUSED"}}).status, "PAUSED");
  EXPECT_EQ(status_news({{"event", "REINSTATED"}}).status, "APPROVED");
  EXPECT_EQ(status_news({{"event", "UNARCHIVED"}}).status, "APPROVED");
  EXPECT_EQ(status_news({{"event", "APPROVED"}, {"message_template_category", "UTILITY"}}).category, "UTILITY");
}

// A warning, and words to come: only the next listing says what the status is.
TEST(AccountNews, AWordThatIsNoStatusChangesNone) {
  EXPECT_EQ(status_news({{"event", "FLAGGED"}}).status, std::nullopt);
  EXPECT_EQ(status_news({{"event", "HALF_APPROVED"}}).status, std::nullopt);
  EXPECT_EQ(status_news({{"event", Json::array()}}).status, std::nullopt);
}

TEST(AccountNews, OnlyARejectionHasAReason) {
  EXPECT_EQ(status_news({{"event", "REJECTED"}, {"reason", "SCAM"}}).rejected_reason, "SCAM");
  EXPECT_EQ(status_news({{"event", "REJECTED"}, {"reason", "NONE"}}).rejected_reason, "");
  EXPECT_EQ(status_news({{"event", "APPROVED"}, {"reason", nullptr}}).rejected_reason, "");
  EXPECT_EQ(status_news({{"event", "FLAGGED"}, {"reason", "SCAM"}}).rejected_reason, std::nullopt);
}

TEST(AccountNews, ACategoryThatIsToChangeStaysUntilThen) {
  const auto soon = template_news_of("template_category_update",
                                     of_template({{"new_category", "UTILITY"}, {"correct_category", "MARKETING"}}));
  ASSERT_TRUE(soon);
  EXPECT_EQ(soon->category, "UTILITY");
  const auto done = template_news_of("template_category_update",
                                     of_template({{"previous_category", "UTILITY"}, {"new_category", "MARKETING"}}));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->category, "MARKETING");
}

TEST(AccountNews, WithoutNameOrLanguageItIsNoTemplates) {
  EXPECT_FALSE(template_news_of("message_template_status_update", {{"event", "PAUSED"}}));
  EXPECT_FALSE(template_news_of("account_update", of_template(Json::object())));
}

TEST(AccountNews, StandingIsOfANumberOrOfTheAccount) {
  const auto quality = standing_news_of("phone_number_quality_update", {{"display_phone_number", "+1 (555) 078-3881"}});
  ASSERT_TRUE(quality);
  EXPECT_EQ(quality->key, "quality");
  EXPECT_EQ(quality->display_digits, "15550783881");
  const auto settings =
      standing_news_of("account_settings_update", {{"phone_number_settings", {{"phone_number_id", 12}}}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->phone_number_id, "12");
  const auto ban = standing_news_of("account_update", {{"event", "DISABLED_UPDATE"}});
  ASSERT_TRUE(ban);
  EXPECT_EQ(ban->key, "ban");
  EXPECT_FALSE(ban->display_digits || ban->phone_number_id);
  EXPECT_FALSE(standing_news_of("account_update", {{"event", "AD_ACCOUNT_LINKED"}}));
}

// It must not become the standing of a channel that shows no number.
TEST(AccountNews, NewsOfANumberThatNamesNoneIsNobodysStanding) {
  EXPECT_FALSE(standing_news_of("phone_number_quality_update", {{"event", "FLAGGED"}}));
  EXPECT_FALSE(standing_news_of("phone_number_quality_update", {{"display_phone_number", "+"}}));
  EXPECT_FALSE(standing_news_of("account_settings_update", {{"phone_number_settings", Json::object()}}));
}

Json wish(const char* value, Json rest) {
  rest["category"] = "marketing_messages";
  rest["value"] = value;
  rest["timestamp"] = "1739321024";
  return {{"user_preferences", Json::array({std::move(rest)})}};
}

TEST(AccountNews, AMarketingWishNamesItsPersonByWhatThereIs) {
  const auto stop = marketing_wishes_of("user_preferences", wish("stop", {{"wa_id", "16505551234"}}));
  ASSERT_EQ(stop.size(), 1U);
  EXPECT_TRUE(stop[0].stops);
  EXPECT_EQ(stop[0].person.phone, "16505551234");
  EXPECT_EQ(stop[0].at, from_millis(1'739'321'024'000));
  const auto resume = marketing_wishes_of("user_preferences", wish("resume", {{"user_id", "US.1"}}));
  ASSERT_EQ(resume.size(), 1U);
  EXPECT_FALSE(resume[0].stops);
  EXPECT_EQ(resume[0].person.user_id, "US.1");
}

TEST(AccountNews, AWishThatCannotBeReadIsNone) {
  EXPECT_TRUE(marketing_wishes_of("user_preferences", wish("perhaps", {{"user_id", "US.1"}})).empty());
  EXPECT_TRUE(marketing_wishes_of("user_preferences", wish("stop", Json::object())).empty());
  EXPECT_TRUE(marketing_wishes_of("user_preferences", {{"user_preferences", "stop"}}).empty());
  EXPECT_TRUE(marketing_wishes_of("user_preferences", Json::array()).empty());
  Json other = wish("stop", {{"user_id", "US.1"}});
  other["user_preferences"][0]["category"] = "weather";
  EXPECT_TRUE(marketing_wishes_of("user_preferences", other).empty());
}

TEST(AccountNews, OtherIdsArePreviousAndCurrentOnes) {
  const auto changes = identity_news_of(
      "user_id_update",
      {{"user_id_update",
        Json::array({{{"wa_id", "1"}, {"user_id", {{"previous", "US.1"}, {"current", "US.2"}}}}, 5})}});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].before.user_id, "US.1");
  EXPECT_EQ(changes[0].after.user_id, "US.2");
  EXPECT_EQ(changes[0].after.phone, "1");
}

}  // namespace
}  // namespace waypost
