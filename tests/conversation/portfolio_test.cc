#include "conversation/portfolio.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

TEST(PortfolioOwner, IsTheBusinessAboveTheNumber) {
  const auto above = [](Json entities) {
    return portfolio_of_number({{"health_status", {{"entities", std::move(entities)}}}});
  };
  const Json waba{{"entity_type", "WABA"}, {"id", "1"}};
  EXPECT_EQ(above(Json::array({waba, {{"entity_type", "BUSINESS"}, {"id", "506914307656634"}}})), "506914307656634");
  EXPECT_EQ(above(Json::array({{{"entity_type", "BUSINESS"}, {"id", 7}}})), "7");
  for (const auto& odd : {Json::array({waba}), Json::array(), Json("odd"), Json::array({"BUSINESS"}),
                          Json::array({{{"entity_type", "BUSINESS"}, {"id", ""}}})})
    EXPECT_EQ(above(odd), std::nullopt) << odd.dump();
  EXPECT_EQ(portfolio_of_number(Json::object()), std::nullopt);
}

TEST(PortfolioOwner, IsTheOwnerThatNewsOfAnAccountName) {
  EXPECT_EQ(portfolio_of_news({{"waba_info", {{"waba_id", "1"}, {"owner_business_id", "2"}}}}), "2");
  EXPECT_EQ(portfolio_of_news({{"waba_info", {{"waba_id", "1"}}}}), std::nullopt);
  EXPECT_EQ(portfolio_of_news(Json::array()), std::nullopt);
}

}  // namespace
}  // namespace waypost
