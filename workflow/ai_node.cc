#include "workflow/ai_node.h"

#include <algorithm>
#include <utility>

#include "base/amount.h"
#include "base/text.h"

namespace waypost::workflow {
namespace {

constexpr std::size_t kModelCharacters = 200;

void add_tokens(Json& sum, const Json& value, std::string_view key) {
  sum[std::string(key)] = find_integer(sum, key).value_or(0) + find_integer(value, key).value_or(0);
}

void add_cost(Json& sum, const Json& value) {
  const auto before = read_amount(text_or_empty(sum, "cost"));
  const auto more = read_amount(text_or_empty(value, "cost"));
  if (before || more) sum["cost"] = before.value_or(Amount{}).plus(more.value_or(Amount{})).text();
}

}  // namespace

schema_of::Members ai_members(const AiUsual& usual, std::string_view input_says) {
  using namespace schema_of;  // NOLINT(google-build-using-namespace): its words
  return {{"model", text("Model", "As the AI server names it; the workspace's where it is empty.")},
          {"systemPrompt", text("Instructions", "What the model must know and keep to; may hold variables.")},
          {"input", text("Input", input_says)},
          {"historyMessages",
           with_default(whole("Messages of history", "How many of the conversation's newest messages it reads.",
                              {.least = 0, .most = kMostHistory}),
                        usual.history_messages)},
          {"timeoutSeconds", with_default(whole("Timeout in seconds", "Of one try; there are three.",
                                                {.least = 1, .most = kMostAiSeconds}),
                                          usual.timeout_seconds)}};
}

std::int64_t whole_or(const Json& config, std::string_view key, std::int64_t usual) {
  return find_integer(config, key).value_or(usual);
}

std::vector<FieldError> ai_config_faults(const Json& config) {
  std::vector<FieldError> faults;
  for (const auto* key : {"model", "systemPrompt", "input"}) check_text(faults, config, key);
  if (count_characters(text_or_empty(config, "model")) > kModelCharacters)
    faults.push_back({"model", "must have at most 200 characters"});
  check_whole(faults, config, "historyMessages", {.least = 0, .most = kMostHistory});
  check_whole(faults, config, "timeoutSeconds", {.least = 1, .most = kMostAiSeconds});
  return faults;
}

ChatCall chat_call_of(const Json& config, const AiUsual& usual, std::string_view input) {
  const auto history = whole_or(config, "historyMessages", usual.history_messages);
  ChatCall call{.model = std::string(trimmed(text_or_empty(config, "model"))),
                .history_messages = static_cast<std::size_t>(std::clamp<std::int64_t>(history, 0, kMostHistory))};
  if (!trimmed(input).empty()) call.more.emplace_back("user", std::string(trimmed(input)));
  return call;
}

OutsideCall ai_call(ChatCall call, const Json& config, const AiUsual& usual) {
  const auto limit = whole_or(config, "timeoutSeconds", usual.timeout_seconds);
  return {.ask = std::move(call),
          .timeout = std::chrono::seconds(std::clamp<std::int64_t>(limit, 1, kMostAiSeconds)),
          .attempts = kAiAttempts};
}

Json usage_with(const Json& before, const Json& value) {
  if (!value.is_object() || value.empty()) return before;
  Json sum = before.is_object() ? before : Json::object();
  sum["model"] = text_or_empty(value, "model");
  add_tokens(sum, value, "inputTokens");
  add_tokens(sum, value, "outputTokens");
  add_cost(sum, value);
  return sum;
}

}  // namespace waypost::workflow
