// Amounts of money: whole millionths of a currency's unit, never a double. What would not fit any more stays at the
// most that does. Pure; any thread.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace waypost {

struct Amount {
  std::int64_t micros = 0;

  auto operator<=>(const Amount&) const = default;
  Amount plus(Amount more) const;
  Amount less(Amount some) const;
  Amount times(std::int64_t count) const;
  std::string text() const;  // "0.1131", "12", "-3.5": no zeros behind the last digit that counts
};

// "0.1131", "12": digits, perhaps a point and up to six more. Nothing for anything else, and for a billion and more.
std::optional<Amount> read_amount(std::string_view text);

// Three capital letters (ISO 4217); whether there is such a currency is not known here.
bool is_currency(std::string_view text);

}  // namespace waypost
