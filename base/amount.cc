#include "base/amount.h"

#include <algorithm>
#include <limits>

namespace waypost {
namespace {

constexpr std::int64_t kUnit = 1'000'000;
constexpr std::size_t kMostWholeDigits = 9;
constexpr std::size_t kMostDecimals = 6;

std::int64_t furthest(bool is_negative) {
  return is_negative ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t number_of(std::string_view digits) {
  std::int64_t number = 0;
  for (const char digit : digits) number = number * 10 + (digit - '0');
  return number;
}

}  // namespace

Amount Amount::plus(Amount more) const {
  std::int64_t sum = 0;
  return {__builtin_add_overflow(micros, more.micros, &sum) ? furthest(micros < 0) : sum};
}

Amount Amount::less(Amount some) const {
  std::int64_t left = 0;
  return {__builtin_sub_overflow(micros, some.micros, &left) ? furthest(micros < 0) : left};
}

Amount Amount::times(std::int64_t count) const {
  std::int64_t product = 0;
  return {__builtin_mul_overflow(micros, count, &product) ? furthest((micros < 0) != (count < 0)) : product};
}

std::string Amount::text() const {
  std::string text = std::to_string(micros / kUnit);
  if (micros < 0 && micros > -kUnit) text = "-0";
  const auto part = micros % kUnit;
  if (part == 0) return text;
  auto decimals = std::to_string(part < 0 ? -part : part);
  decimals.insert(0, kMostDecimals - decimals.size(), '0');
  decimals.erase(decimals.find_last_not_of('0') + 1);
  return text + "." + decimals;
}

std::optional<Amount> read_amount(std::string_view text) {
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  if (!all_digits(whole) || whole.size() > kMostWholeDigits) return std::nullopt;
  std::string decimals(kMostDecimals, '0');
  if (point != std::string_view::npos) {
    const auto given = text.substr(point + 1);
    if (!all_digits(given) || given.size() > kMostDecimals) return std::nullopt;
    std::ranges::copy(given, decimals.begin());
  }
  return Amount{number_of(whole) * kUnit + number_of(decimals)};
}

bool is_currency(std::string_view text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace waypost
