#include "conversation/market.h"

#include <algorithm>
#include <array>

#include "conversation/identity.h"

namespace waypost {
namespace {

// The calling codes of two digits; 1 and 7 stand alone, all others have three.
// Source: ITU-T E.164, list of assigned country codes.
constexpr std::array<std::string_view, 44> kOfTwoDigits{
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46",
    "47", "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63",
    "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98"};

constexpr std::size_t kNorthAmerica = 4;  // 1 and the area code
constexpr std::size_t kRussia = 2;        // 7 and a digit more

std::size_t digits_of_market(std::string_view phone) {
  if (phone.starts_with('1')) return kNorthAmerica;
  if (phone.starts_with('7')) return kRussia;
  return std::ranges::find(kOfTwoDigits, phone.substr(0, 2)) != kOfTwoDigits.end() ? 2 : 3;
}

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string market_of(std::string_view phone) {
  const auto digits = digits_of_market(phone);
  if (phone.size() < digits || phone.starts_with('0') || !all_digits(phone)) return {};
  return std::string(phone.substr(0, digits));
}

std::string market_of_status(const Json& status) {
  const auto participant = participant_of(status);
  const bool is_of_group = text_or_empty(status, "recipient_type") == "group" || !participant.is_nobody();
  const auto phone = is_of_group ? participant.phone : recipient_of(status).phone;
  return market_of(phone.value_or(""));
}

bool is_market(std::string_view text) {
  if (text == kEverywhere || text == "1" || text == "7") return true;
  constexpr std::string_view kRest = "0000000";
  return !text.empty() && market_of(std::string(text) + std::string(kRest)) == text;
}

std::string_view wider_market(std::string_view market) {
  if (market == kEverywhere) return "";
  const bool is_shared = market.size() > 1 && (market.starts_with('1') || market.starts_with('7'));
  return is_shared ? market.substr(0, 1) : kEverywhere;
}

}  // namespace waypost
