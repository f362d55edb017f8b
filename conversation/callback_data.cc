#include "conversation/callback_data.h"

#include <charconv>

namespace waypost {
namespace {

constexpr std::string_view kPrefix = "wp1:";
constexpr std::size_t kUuidSize = 36;

}  // namespace

std::string format_callback_data(const CallbackData& data) {
  return std::string(kPrefix) + data.message.text() + ":" + std::to_string(data.attempt);
}

std::optional<CallbackData> parse_callback_data(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  if (text.size() < kUuidSize + 2 || text[kUuidSize] != ':') return std::nullopt;
  const auto message = MessageId::parse(text.substr(0, kUuidSize));
  text.remove_prefix(kUuidSize + 1);
  std::int64_t attempt = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), attempt);
  if (!message || error != std::errc() || end != text.data() + text.size() || attempt < 0) return std::nullopt;
  return CallbackData{.message = *message, .attempt = attempt};
}

}  // namespace waypost
