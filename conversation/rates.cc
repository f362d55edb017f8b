#include "conversation/rates.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <tuple>

#include "base/day.h"
#include "base/text.h"
#include "conversation/market.h"

namespace waypost {
namespace {

// Meta's, as its statuses name them; the facts' section 2.5.
constexpr std::array<std::string_view, 10> kCategories{
    "authentication", "authentication-international", "group_marketing", "group_service", "group_utility", "marketing",
    "marketing_lite", "referral_conversion",          "service",         "utility"};
constexpr std::size_t kMostFaults = 50;  // told at once
constexpr std::array<std::string_view, 5> kMembers{"market", "category", "since", "price", "currency"};

std::string words_of_categories() {
  std::string words;
  for (const auto category : kCategories) words += (words.empty() ? "'" : " | '") + std::string(category) + "'";
  return words;
}

bool is_category(std::string_view text) { return std::ranges::find(kCategories, text) != kCategories.end(); }

// One of the list, and what is wrong with it.
class RateReader {
 public:
  RateReader(const Json& given, std::string path, std::vector<FieldError>& faults)
      : given_(given), path_(std::move(path)), faults_(faults) {}

  Rate read() {
    if (!given_.is_object()) {
      faults_.push_back({path_, "Expected object"});
      return {};
    }
    for (const auto& [key, value] : given_.items()) {
      if (std::ranges::find(kMembers, std::string_view(key)) == kMembers.end())
        complain(key, "There is no such member");
    }
    Rate rate{.market = text_or_empty(given_, "market"),
              .category = text_or_empty(given_, "category"),
              .currency = text_or_empty(given_, "currency")};
    if (!is_market(rate.market))
      complain("market", "Expected a calling code like '49', one with an area code like '1876', or '*'");
    if (!is_category(rate.category)) complain("category", "Expected " + words_of_categories());
    if (!is_currency(rate.currency)) complain("currency", "Expected three capital letters like 'EUR'");
    const auto since = day_named(text_or_empty(given_, "since"));
    if (!since) complain("since", "Expected a day like '2026-10-01'");
    const auto price = read_amount(text_or_empty(given_, "price"));
    if (!price) complain("price", "Expected a text like '0.1131', with at most six decimals");
    rate.since = since.value_or(0);
    rate.price = price.value_or(Amount{});
    return rate;
  }

 private:
  void complain(std::string_view key, std::string words) {
    faults_.push_back({path_ + "." + std::string(key), std::move(words)});
  }

  const Json& given_;
  const std::string path_;
  std::vector<FieldError>& faults_;
};

std::string path_of(std::size_t place) { return "rates." + std::to_string(place); }

void check_repeats(const std::vector<Rate>& rates, std::vector<FieldError>& faults) {
  std::set<std::tuple<std::string, std::string, std::int64_t>> seen;
  for (std::size_t at = 0; at < rates.size(); ++at) {
    const auto& rate = rates[at];
    if (!seen.emplace(rate.market, rate.category, rate.since).second)
      faults.push_back({path_of(at), "Another one has the same market, category and day"});
  }
}

}  // namespace

Json to_json(const Rate& rate) {
  return {{"market", rate.market},
          {"category", rate.category},
          {"since", day_text(rate.since)},
          {"price", rate.price.text()},
          {"currency", rate.currency}};
}

Result<std::vector<Rate>> read_rates(const Json& list) {
  std::vector<FieldError> faults;
  std::vector<Rate> rates;
  if (!list.is_array()) faults.push_back({"rates", "Expected array"});
  if (list.is_array() && list.size() > kMostRates)
    faults.push_back({"rates", "Array must contain at most " + std::to_string(kMostRates) + " element(s)"});
  const std::size_t readable = faults.empty() ? list.size() : 0;
  for (std::size_t at = 0; at < readable && faults.size() < kMostFaults; ++at)
    rates.push_back(RateReader(list[at], path_of(at), faults).read());
  if (faults.empty()) check_repeats(rates, faults);
  if (!faults.empty()) return fail(Error(ErrorKind::InvalidInput, "Validation failed").with_fields(std::move(faults)));
  return rates;
}

RateBook::RateBook(const std::vector<Rate>& rates) {
  for (const auto& rate : rates) rates_[{rate.market, rate.category}][rate.since] = rate;
}

const Rate* RateBook::find(std::string_view market, const std::string& category, std::int64_t day) const {
  for (auto place = market.empty() ? kEverywhere : market; !place.empty(); place = wider_market(place)) {
    const auto known = rates_.find({std::string(place), category});
    if (known == rates_.end()) continue;
    const auto later = known->second.upper_bound(day);
    if (later != known->second.begin()) return &std::prev(later)->second;
  }
  return nullptr;
}

bool is_billed(std::string_view type) { return type.empty() || type == "regular"; }

std::string category_of_template(std::string_view category) { return lower_ascii(category); }

void add_cost(Cost& cost, const RateBook& book, const PricedMessages& messages) {
  if (!is_billed(messages.type)) {
    cost.free += messages.count;
    return;
  }
  const auto* rate = book.find(messages.market, messages.category, messages.day);
  if (!rate) {
    cost.unpriced += messages.count;
    return;
  }
  auto& amount = cost.amounts[rate->currency];
  amount = amount.plus(rate->price.times(messages.count));
  cost.priced += messages.count;
}

Json amounts_json(const Cost& cost) {
  Json list = Json::array();
  for (const auto& [currency, amount] : cost.amounts)
    list.push_back({{"currency", currency}, {"amount", amount.text()}});
  return list;
}

}  // namespace waypost
