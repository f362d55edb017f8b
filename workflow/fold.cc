#include "workflow/fold.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"

namespace waypost::workflow {
namespace {

// Capital letters of Unicode's first 2,048 scalars (all of two bytes in UTF-8) and where their small ones are.
struct Capitals {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::int32_t distance = 0;
  std::uint32_t every = 1;  // 2: capital and small letter take turns
};

constexpr std::array<Capitals, 18> kCapitals{{
    {0x00C0, 0x00D6, 32},
    {0x00D8, 0x00DE, 32},
    {0x0100, 0x012E, 1, 2},
    {0x0132, 0x0136, 1, 2},
    {0x0139, 0x0147, 1, 2},
    {0x014A, 0x0176, 1, 2},
    {0x0178, 0x0178, -121},
    {0x0179, 0x017D, 1, 2},
    {0x0386, 0x0386, 38},
    {0x0388, 0x038A, 37},
    {0x038C, 0x038C, 64},
    {0x038E, 0x038F, 63},
    {0x0391, 0x03A1, 32},
    {0x03A3, 0x03AB, 32},
    {0x0400, 0x040F, 80},
    {0x0410, 0x042F, 32},
    {0x048A, 0x04BE, 1, 2},
    {0x04D0, 0x052E, 1, 2},
}};

std::uint32_t small_letter(std::uint32_t scalar) {
  const auto found = std::ranges::find_if(kCapitals, [&](const Capitals& range) {
    return scalar >= range.first && scalar <= range.last && (scalar - range.first) % range.every == 0;
  });
  if (found == kCapitals.end()) return scalar;
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(scalar) + found->distance);
}

}  // namespace

std::string folded(std::string_view text) {
  std::string out = lower_ascii(trimmed(text));
  for (std::size_t at = 0; at + 1 < out.size(); ++at) {
    const auto first = static_cast<unsigned char>(out[at]);
    if (first < 0xC3 || first > 0xDF) continue;
    const auto second = static_cast<unsigned char>(out[at + 1]);
    const auto small = small_letter((first & 0x1Fu) << 6 | (second & 0x3Fu));
    out[at] = static_cast<char>(0xC0 | small >> 6);
    out[++at] = static_cast<char>(0x80 | (small & 0x3F));
  }
  return out;
}

}  // namespace waypost::workflow
