#include "workflow/decimal.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace waypost::workflow {
namespace {

constexpr double kLargest = 1e18;

template <class Number>
std::optional<Number> whole_text(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The fewest digits that name the number, without an exponent: 1.005, not 1.00499999999999989…
std::string digits_of(const Json& number) {
  std::array<char, 400> text{};
  const auto value = number.get<double>();
  const auto end = number.is_number_float()
                       ? std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr
                       : std::to_chars(text.data(), text.data() + text.size(), number.get<std::int64_t>()).ptr;
  return {text.data(), end};
}

// One more at the last place: "129" is "130", "99" is "100". Points are passed over.
void count_up(std::string& digits) {
  for (std::size_t at = digits.size(); at-- > 0;) {
    if (digits[at] == '.') continue;
    if (digits[at] != '9') {
      ++digits[at];
      return;
    }
    digits[at] = '0';
  }
  digits.insert(digits.begin(), '1');
}

std::string rounded_digits(std::string digits, std::size_t places) {
  if (!digits.contains('.')) digits += '.';
  const auto wanted = digits.find('.') + 1 + places;
  if (digits.size() <= wanted) return digits.append(wanted - digits.size(), '0');
  const bool up = digits[wanted] >= '5';
  digits.resize(wanted);
  if (up) count_up(digits);
  return digits;
}

}  // namespace

std::optional<Json> read_decimal(std::string_view text) {
  constexpr std::size_t kWholeDigits = 18;
  text = trimmed(text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
  if (text.size() <= kWholeDigits) {
    if (const auto whole = whole_text<std::int64_t>(text)) return Json(*whole);
  }
  const auto number = whole_text<double>(text);
  return number && std::isfinite(*number) ? std::optional(plain_number(*number)) : std::nullopt;
}

Json plain_number(const Json& number) {
  constexpr double kExactlyWhole = 1e15;  // a double holds every whole number up to it
  const auto value = number.get<double>();
  const bool is_whole = std::abs(value) < kExactlyWhole && std::trunc(value) == value;
  return number.is_number_float() && is_whole ? Json(static_cast<std::int64_t>(value)) : number;
}

std::optional<std::string> rounded(const Json& number, int places) {
  if (std::abs(number.get<double>()) >= kLargest) return std::nullopt;
  std::string digits = digits_of(number);
  const bool is_negative = digits.starts_with('-');
  if (is_negative) digits.erase(0, 1);
  digits = rounded_digits(std::move(digits), static_cast<std::size_t>(places));
  if (digits.ends_with('.')) digits.pop_back();
  const bool is_zero = digits.find_first_not_of("0.") == std::string::npos;
  return is_negative && !is_zero ? "-" + digits : digits;
}

std::string with_marks(std::string_view decimal, const Marks& marks) {
  const auto point = decimal.find('.');
  const auto whole = decimal.substr(0, point);
  std::string out;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    const bool between = at > 0 && whole[at - 1] != '-' && (whole.size() - at) % 3 == 0;
    if (between) out += marks.thousands;
    out += whole[at];
  }
  if (point == std::string_view::npos) return out;
  return out.append(marks.point).append(decimal.substr(point + 1));
}

}  // namespace waypost::workflow
