#include "conversation/rates.h"

#include <gmock/gmock.h>

#include "base/day.h"

namespace waypost {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::int64_t day(const char* text) { return *day_named(text); }

Rate rate(const char* market, const char* category, const char* since, const char* price,
          const char* currency = "EUR") {
  return {
      .market = market, .category = category, .since = day(since), .currency = currency, .price = *read_amount(price)};
}

RateBook book() {
  return RateBook({rate("*", "marketing", "2026-01-01", "0.05"), rate("49", "marketing", "2026-01-01", "0.1131"),
                   rate("49", "marketing", "2026-10-01", "0.12"), rate("1", "marketing", "2026-01-01", "0.025", "USD"),
                   rate("1876", "marketing", "2026-10-01", "0.06"), rate("*", "utility", "2026-10-01", "0.01")});
}

std::string found(const char* market, const char* category, const char* at) {
  const auto rates = book();
  const auto* one = rates.find(market, category, day(at));
  return one ? one->price.text() + " " + one->currency : "none";
}

TEST(Rates, TheNarrowestMarketAndTheNewestDayThatHasComeCount) {
  struct Case {
    const char* market;
    const char* category;
    const char* at;
    const char* price;
  };
  for (const auto& [market, category, at, price] : {
           Case{"49", "marketing", "2026-09-30", "0.1131 EUR"},
           Case{"49", "marketing", "2026-10-01", "0.12 EUR"},
           Case{"49", "marketing", "2027-06-01", "0.12 EUR"},
           Case{"49", "marketing", "2025-12-31", "none"},
           Case{"55", "marketing", "2026-10-01", "0.05 EUR"},
           Case{"", "marketing", "2026-10-01", "0.05 EUR"},
           Case{"1650", "marketing", "2026-10-01", "0.025 USD"},
           Case{"1876", "marketing", "2026-10-01", "0.06 EUR"},
           Case{"1876", "marketing", "2026-09-30", "0.025 USD"},  // its own has not begun: that of 1 holds
           Case{"49", "utility", "2026-10-01", "0.01 EUR"},
           Case{"49", "utility", "2026-09-30", "none"},
           Case{"49", "service", "2026-10-01", "none"},
       })
    EXPECT_EQ(found(market, category, at), price) << market << " " << category << " " << at;
}

TEST(Rates, CostIsSummedByCurrencyAndTellsWhatHasNoRate) {
  const auto rates = book();
  Cost cost;
  const auto add = [&](const char* market, const char* category, const char* type, std::int64_t count) {
    add_cost(cost, rates,
             {.market = market, .category = category, .type = type, .day = day("2026-10-05"), .count = count});
  };
  add("49", "marketing", "regular", 3);
  add("1650", "marketing", "regular", 10);
  add("49", "marketing", "free_entry_point", 7);
  add("49", "service", "regular", 5);
  add("55", "utility", "", 2);  // an old webhook, which says no type
  EXPECT_THAT(cost.amounts, ElementsAre(Pair("EUR", *read_amount("0.38")), Pair("USD", *read_amount("0.25"))));
  EXPECT_EQ(cost.priced, 15);
  EXPECT_EQ(cost.free, 7);
  EXPECT_EQ(cost.unpriced, 5);
  EXPECT_EQ(amounts_json(cost),
            Json::array({{{"currency", "EUR"}, {"amount", "0.38"}}, {{"currency", "USD"}, {"amount", "0.25"}}}));
}

TEST(Rates, AreReadAsTheyAreShown) {
  const Json list = Json::array(
      {{{"market", "49"}, {"category", "marketing"}, {"since", "2026-10-01"}, {"price", "0.1131"}, {"currency", "EUR"}},
       {{"market", "*"},
        {"category", "authentication-international"},
        {"since", "2026-10-01"},
        {"price", "2"},
        {"currency", "INR"}}});
  const auto rates = read_rates(list);
  ASSERT_TRUE(rates);
  Json shown = Json::array();
  for (const auto& one : *rates) shown.push_back(to_json(one));
  EXPECT_EQ(shown, list);
}

TEST(Rates, EveryFaultNamesItsPlace) {
  const auto paths = [](const Json& list) {
    std::vector<std::string> found_paths;
    const auto rates = read_rates(list);
    if (rates) return found_paths;
    for (const auto& field : rates.error().fields()) found_paths.push_back(field.path);
    return found_paths;
  };
  const Json fine = to_json(rate("49", "marketing", "2026-10-01", "0.1"));
  EXPECT_THAT(paths(Json()), ElementsAre("rates"));
  EXPECT_THAT(paths(Json::array({fine, 7, fine})), ElementsAre("rates.1"));
  EXPECT_THAT(paths(Json::array({Json::object()})),
              ElementsAre("rates.0.market", "rates.0.category", "rates.0.currency", "rates.0.since", "rates.0.price"));
  Json bad = fine;
  bad["price"] = 0.1;  // a double is no amount
  EXPECT_THAT(paths(Json::array({fine, bad})), ElementsAre("rates.1.price"));
  bad = fine;
  bad["market"] = "491";
  bad["from"] = "2026-10-01";
  EXPECT_THAT(paths(Json::array({bad})), testing::UnorderedElementsAre("rates.0.market", "rates.0.from"));
  EXPECT_THAT(paths(Json::array({fine, fine})), ElementsAre("rates.1"));
  Json many = Json::array();
  for (std::size_t n = 0; n <= kMostRates; ++n) many.push_back(fine);
  EXPECT_THAT(paths(many), ElementsAre("rates"));
}

}  // namespace
}  // namespace waypost
