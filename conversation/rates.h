// Rates: what a message costs, by its recipient's market and Meta's category, since a day, as a workspace's admin has
// set it. Waypost knows no prices of its own. Pure; any thread.
//
//   {"market": "49", "category": "marketing", "since": "2026-10-01", "price": "0.1131", "currency": "EUR"}
//
// The narrowest market that has a rate of the category wins ("1876" before "1" before "*"), of its rates the newest one
// that has begun.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/amount.h"
#include "base/error.h"
#include "base/json.h"

namespace waypost {

inline constexpr std::size_t kMostRates = 2'000;

struct Rate {
  std::string market{};
  std::string category{};
  std::int64_t since = 0;  // base/day.h
  std::string currency{};
  Amount price{};  // of a message
};
Json to_json(const Rate& rate);

// A list of them as a request brings it. InvalidInput with a field for each fault, "rates.3.price".
Result<std::vector<Rate>> read_rates(const Json& list);

class RateBook {
 public:
  RateBook() = default;
  explicit RateBook(const std::vector<Rate>& rates);
  // Nothing: no rate is set.
  const Rate* find(std::string_view market, const std::string& category, std::int64_t day) const;

 private:
  std::map<std::pair<std::string, std::string>, std::map<std::int64_t, Rate>> rates_;  // by market and category
};

// Whether Meta bills messages whose pricing is of this type: regular ones, and those of old webhooks that say none.
bool is_billed(std::string_view type);
// The category of Meta's pricing for a template's: "MARKETING" is "marketing".
std::string category_of_template(std::string_view category);

// What messages cost together.
struct Cost {
  std::map<std::string, Amount> amounts{};  // by currency
  std::int64_t priced = 0;                  // messages
  std::int64_t free = 0;
  std::int64_t unpriced = 0;  // billed, and no rate is set
};
struct PricedMessages {
  std::string market{};
  std::string category{};
  std::string type = "regular";
  std::int64_t day = 0;
  std::int64_t count = 0;
};
void add_cost(Cost& cost, const RateBook& book, const PricedMessages& messages);
// [{"currency", "amount"}]
Json amounts_json(const Cost& cost);

}  // namespace waypost
