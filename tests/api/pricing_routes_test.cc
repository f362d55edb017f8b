#include <gmock/gmock.h>

#include "base/day.h"
#include "store/pricing.h"
#include "store/templates.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

using testing::ElementsAre;

class PricingRoutes : public ApiTest {
 protected:
  PricingRoutes()
      : tenant_((clock_.set(*parse_iso8601("2026-11-15T12:00:00Z")), given_workspace())),
        admin_(as_admin(tenant_)),
        channel_(given_channel(tenant_)) {}

  static Json rate(const char* market, const char* category, const char* price, const char* currency = "EUR",
                   const char* since = "2026-10-01") {
    return {{"market", market}, {"category", category}, {"since", since}, {"price", price}, {"currency", currency}};
  }
  Answer put_rates(const Json& rates) { return ask("PUT", "/api/pricing/rates", admin_, {{"rates", rates}}); }
  Answer put_budget(const Json& budget) { return ask("PUT", budget_path(), admin_, budget); }
  Answer get_budget() { return ask("GET", budget_path(), admin_); }
  std::string budget_path() const { return "/api/channels/" + channel_.id.text() + "/budget"; }
  // As a status brings it.
  void given_billed(const char* phone, const char* category, const char* type = "regular") {
    write([&](sql::Connection& connection) {
      const Json status{{"recipient_id", phone},
                        {"pricing", {{"category", category}, {"type", type}, {"pricing_model", "PMP"}}}};
      store::meter(connection, Json(),
                   {.tenant = tenant_, .channel = channel_.id, .status = status, .at = clock_.now()});
    });
  }
  static std::vector<std::string> paths(const Answer& answer) {
    std::vector<std::string> found;
    if (!answer.json.contains("details")) return found;
    for (const auto& one : answer.json["details"]) found.push_back(one["path"]);
    return found;
  }

  TenantId tenant_;
  HeaderList admin_;
  store::Channel channel_;
};

TEST_F(PricingRoutes, RatesAreSetAsAWholeByAnAdmin) {
  EXPECT_EQ(ask("GET", "/api/pricing/rates", admin_).json, Json({{"rates", Json::array()}}));
  const Json rates = Json::array({rate("*", "marketing", "0.05"), rate("49", "marketing", "0.1131")});
  const auto set = put_rates(rates);
  ASSERT_EQ(set.status, 200) << set.body;
  EXPECT_EQ(set.json["rates"], rates);
  EXPECT_EQ(ask("GET", "/api/pricing/rates", as_agent(tenant_)).json["rates"], rates);
  EXPECT_EQ(ask("PUT", "/api/pricing/rates", as_agent(tenant_), {{"rates", rates}}).status, 403);
  EXPECT_EQ(put_rates(Json::array({rate("49", "utility", "1")})).json["rates"].size(), 1U);
  EXPECT_EQ(put_rates(Json::array()).json["rates"].size(), 0U);
}

TEST_F(PricingRoutes, AFaultLeavesTheRatesAsTheyWere) {
  ASSERT_EQ(put_rates(Json::array({rate("49", "marketing", "0.1")})).status, 200);
  const auto refused = put_rates(Json::array({rate("49", "utility", "0.1"), rate("DE", "utility", "0,1")}));
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(paths(refused), ElementsAre("rates.1.market", "rates.1.price"));
  EXPECT_THAT(paths(ask("PUT", "/api/pricing/rates", admin_, Json::object())), ElementsAre("rates"));
  EXPECT_THAT(paths(ask("PUT", "/api/pricing/rates", admin_, {{"rates", Json::array()}, {"currency", "EUR"}})),
              ElementsAre("currency"));
  EXPECT_EQ(ask("GET", "/api/pricing/rates", admin_).json["rates"][0]["category"], "marketing");
}

TEST_F(PricingRoutes, SumsShowWhatTheyCostWhereARateIsSet) {
  put_rates(Json::array({rate("49", "marketing", "0.1131"), rate("1", "marketing", "0.025", "USD")}));
  for (int n = 0; n < 3; ++n) given_billed("4915112345678", "marketing");
  given_billed("16505551234", "marketing");
  given_billed("4915112345678", "marketing", "free_entry_point");
  given_billed("4915112345678", "service");
  const auto sums = ask("GET", "/api/pricing", admin_).json;
  EXPECT_EQ(sums["until"], "2026-11-15");
  EXPECT_EQ(sums["total"],
            Json::array({{{"currency", "EUR"}, {"amount", "0.3393"}}, {{"currency", "USD"}, {"amount", "0.025"}}}));
  EXPECT_EQ(sums["unpriced"], 1);
  std::vector<std::string> items;
  for (const auto& item : sums["items"])
    items.push_back(item["market"].get<std::string>() + " " + item["category"].get<std::string>() + " " +
                    dump(item["messages"]) + " " + dump(item["cost"]) + " " + dump(item["currency"]));
  EXPECT_THAT(items, ElementsAre(R"(1650 marketing 1 "0.025" "USD")", R"(49 marketing 1 "0" null)",
                                 R"(49 marketing 3 "0.3393" "EUR")", "49 service 1 null null"));
}

TEST_F(PricingRoutes, TheLastThirtyDaysEndWhereTheWorkspaceIs) {
  ask("PATCH", "/api/workspace", admin_, {{"settings", {{"timeZone", "Pacific/Auckland"}}}});
  given_billed("4915112345678", "marketing");
  const auto sums = ask("GET", "/api/pricing", admin_).json;
  EXPECT_EQ(sums["from"], "2026-10-18");
  EXPECT_EQ(sums["until"], "2026-11-16");
  EXPECT_EQ(sums["items"][0]["day"], "2026-11-16");
  EXPECT_EQ(ask("GET", "/api/pricing?from=2026-12-01", admin_).status, 400);
  EXPECT_EQ(ask("GET", "/api/pricing?from=2026-02-30", admin_).status, 400);
}

TEST_F(PricingRoutes, ABudgetIsSetShownAndTakenAway) {
  EXPECT_EQ(get_budget().json, Json({{"channelId", channel_.id.text()}, {"budget", nullptr}}));
  put_rates(Json::array({rate("49", "marketing", "0.1")}));
  given_billed("4915112345678", "marketing");
  const auto set = put_budget({{"amount", "0.5"}, {"currency", "EUR"}, {"alertAt", 50}, {"stop", false}});
  ASSERT_EQ(set.status, 200) << set.body;
  EXPECT_EQ(set.json["budget"],
            Json({{"amount", "0.5"}, {"currency", "EUR"}, {"period", "month"}, {"alertAt", 50}, {"stop", false}}));
  EXPECT_EQ(get_budget().json, set.json);
  EXPECT_EQ(set.json["used"], "0.1");
  EXPECT_EQ(set.json["left"], "0.4");
  EXPECT_EQ(set.json["percent"], 20);
  EXPECT_EQ(ask("PUT", budget_path(), as_agent(tenant_), {{"amount", "1"}, {"currency", "EUR"}}).status, 403);
  EXPECT_EQ(ask("DELETE", budget_path(), as_agent(tenant_)).status, 403);
  EXPECT_EQ(ask("DELETE", budget_path(), admin_).status, 200);
  EXPECT_EQ(ask("DELETE", budget_path(), admin_).status, 404);
  EXPECT_EQ(rows_of("budget"), 0);
}

TEST_F(PricingRoutes, FaultsOfABudgetNameTheirField) {
  EXPECT_THAT(paths(put_budget(Json::object())), ElementsAre("currency", "amount"));
  EXPECT_THAT(paths(put_budget({{"amount", 10}, {"currency", "EUR"}})), ElementsAre("amount"));
  EXPECT_THAT(paths(put_budget({{"amount", "0"}, {"currency", "eur"}})), ElementsAre("currency", "amount"));
  EXPECT_THAT(paths(put_budget({{"amount", "10"}, {"currency", "EUR"}, {"period", "week"}, {"alertAt", 101}})),
              ElementsAre("period", "alertAt"));
  EXPECT_EQ(rows_of("budget"), 0);
}

TEST_F(PricingRoutes, AnEstimateSaysWhatABroadcastCosts) {
  write([&](sql::Connection& connection) {
    store::upsert_template(connection,
                           {.tenant = tenant_,
                            .waba_id = channel_.waba_id,
                            .name = "offer",
                            .language = "en_US",
                            .category = "MARKETING",
                            .status = "APPROVED",
                            .synced_at = clock_.now()},
                           clock_.now());
  });
  put_rates(Json::array({rate("49", "marketing", "0.1131"), rate("49", "marketing", "0.2", "EUR", "2026-12-01"),
                         rate("1", "marketing", "0.025", "USD"), rate("*", "utility", "9")}));
  for (const char* phone : {"4915112345671", "4915112345672", "16505551234", "5511987654321"}) {
    auto contact = given_contact(tenant_, phone);
    contact.tags = {"vip"};
    write([&](sql::Connection& connection) { return store::update_contact(connection, contact, clock_.now()); });
  }
  const auto made = ask(
      "POST", "/api/broadcasts", admin_,
      {{"name", "Offer"}, {"template", {{"name", "offer"}, {"language", "en_US"}}}, {"audience", {{"tags", {"vip"}}}}});
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = "/api/broadcasts/" + made.json["id"].get<std::string>();
  const auto price = ask("POST", path + "/estimate", admin_, Json::object()).json["price"];
  EXPECT_EQ(price["category"], "marketing");
  EXPECT_EQ(price["day"], "2026-11-15");
  EXPECT_EQ(price["total"],
            Json::array({{{"currency", "EUR"}, {"amount", "0.2262"}}, {{"currency", "USD"}, {"amount", "0.025"}}}));
  EXPECT_EQ(price["unpriced"], 1);
  ASSERT_EQ(price["markets"].size(), 3U);
  EXPECT_EQ(price["markets"][1],
            Json({{"market", "49"}, {"messages", 2}, {"price", "0.1131"}, {"amount", "0.2262"}, {"currency", "EUR"}}));
  EXPECT_EQ(price["markets"][2],
            Json({{"market", "55"}, {"messages", 1}, {"price", nullptr}, {"amount", nullptr}, {"currency", nullptr}}));
  // Of the day on which it goes out.
  ask("POST", path + "/schedule", admin_, {{"at", "2026-12-01T09:00:00Z"}});
  EXPECT_EQ(ask("POST", path + "/estimate", admin_, Json::object()).json["price"]["total"][0]["amount"], "0.4");
}

}  // namespace
}  // namespace waypost::test
