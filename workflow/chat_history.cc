#include "workflow/chat_history.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "conversation/message_kind.h"

namespace waypost::workflow {
namespace {

constexpr std::size_t kTokenBytes = 4;
// Whose text says all there is to say.
constexpr std::array<std::string_view, 4> kSpoken{"text", "button", "interactive", "template"};

bool has_gone_out(MessageState state) {
  switch (state) {
    case MessageState::Held:
    case MessageState::Failed:
    case MessageState::Replaced:
    case MessageState::Expired:
      return false;
    case MessageState::Received:
    case MessageState::Queued:
    case MessageState::Sending:
    case MessageState::Unknown:
    case MessageState::Accepted:
    case MessageState::Sent:
    case MessageState::Delivered:
    case MessageState::Read:
    case MessageState::Played:
      return true;
  }
}

std::string words_of(const store::Message& message) {
  const auto text = std::string(trimmed(message.text.value_or("")));
  const bool is_spoken = std::ranges::find(kSpoken, message.type) != kSpoken.end();
  if (is_spoken && !text.empty()) return text;
  const auto type = "[" + std::string(shown_kind(message.type)) + "]";
  return text.empty() ? type : type + " " + text;
}

// Reactions, pins and the like say something about other messages, and nothing without them.
std::optional<ChatLine> line_of(const store::Message& message) {
  if (!starts_runs(message.type) || message.type == "pin") return std::nullopt;
  if (message.outbound && !has_gone_out(message.state)) return std::nullopt;
  return ChatLine(message.outbound ? "assistant" : "user", words_of(message));
}

// Not within a character: bytes 10xxxxxx go on with one.
std::string beginning_of(const std::string& text, std::size_t bytes) {
  while (bytes > 0 && bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

std::size_t tokens_of(std::string_view text) { return (text.size() + kTokenBytes - 1) / kTokenBytes; }

std::vector<ChatLine> chat_history(std::span<const store::Message> newest_first, const HistoryLimits& limits) {
  std::vector<ChatLine> lines;
  std::size_t left = limits.tokens;
  for (const auto& message : newest_first) {
    if (lines.size() >= limits.messages || left == 0) break;
    auto line = line_of(message);
    if (!line) continue;
    const bool fits = tokens_of(line->second) <= left;
    if (!fits && !lines.empty()) break;
    if (!fits) line->second = beginning_of(line->second, left * kTokenBytes);
    left -= tokens_of(line->second);
    lines.push_back(*std::move(line));
  }
  std::ranges::reverse(lines);
  return lines;
}

}  // namespace waypost::workflow
