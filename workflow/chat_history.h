// ChatHistory: what of a conversation's messages a language model is told. Pure; any thread.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/messages.h"

namespace waypost::workflow {

// Role ("user", "assistant") and text.
using ChatLine = std::pair<std::string, std::string>;

struct HistoryLimits {
  std::size_t messages = 20;
  std::size_t tokens = 4'000;
};

// Four bytes count as one: what English takes with the common models, and more than most other languages do.
std::size_t tokens_of(std::string_view text);

// The newest that fit, oldest first. `newest_first` as store::list_messages() gives them: the customer's are the
// user's, ours the assistant's (not those that failed, expired, are held or were replaced). What is no plain text
// begins with its type: "[image] caption". A message stands whole or not at all; the newest alone is cut to the limit
// when nothing would be left otherwise.
std::vector<ChatLine> chat_history(std::span<const store::Message> newest_first, const HistoryLimits& limits);

}  // namespace waypost::workflow
