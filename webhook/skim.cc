#include "webhook/skim.h"

#include <algorithm>

namespace waypost {
namespace {

constexpr std::string_view kName = "phone_number_id";
constexpr std::string_view kAsMetaWritesIt = "\"phone_number_id\":\"";

// It reads as it is written: no escape, and nothing that is mended on reading.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~' && c != '\\'; });
}

}  // namespace

// JSON may write any letter of a name as \u00xx; who does is read whole.
std::optional<std::string_view> skim(std::string_view body) {
  constexpr auto kNone = std::string_view::npos;
  if (body.find("statuses") != kNone || body.find("\\u00") != kNone) return std::nullopt;
  std::optional<std::string_view> number;
  for (auto at = body.find(kName); at != kNone; at = body.find(kName, at + kName.size())) {
    if (at == 0 || !body.substr(at - 1).starts_with(kAsMetaWritesIt)) return std::nullopt;
    const auto begin = at - 1 + kAsMetaWritesIt.size();
    const auto end = body.find('"', begin);
    if (end == kNone) return std::nullopt;
    const auto found = body.substr(begin, end - begin);
    if (found.empty() || (number && *number != found) || !is_plain(found)) return std::nullopt;
    number = found;
  }
  return number;
}

}  // namespace waypost
