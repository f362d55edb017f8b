#include "workflow/chat_call.h"

#include <utility>

#include "base/check.h"
#include "store/ai_settings.h"
#include "store/messages.h"
#include "store/tenant_secrets.h"
#include "workflow/chat_answer.h"
#include "workflow/chat_request.h"

namespace waypost::workflow {
namespace {

constexpr std::size_t kAnswerBytes = 4 << 20;
// Beside the messages that count: reactions, sends that failed.
constexpr std::size_t kMoreRows = 20;

struct Known {
  store::AiSettings settings{};
  std::vector<ChatLine> history{};
};

std::vector<ChatLine> read_history(sql::Connection& connection, const OutsideAsk& ask, const ChatCall& call) {
  if (!ask.conversation || call.history_messages == 0) return {};
  const auto conversation = store::surviving_conversation(connection, ask.tenant, *ask.conversation);
  if (!conversation) return {};
  const auto rows = static_cast<std::int64_t>(call.history_messages + kMoreRows);
  return chat_history(store::list_messages(connection, ask.tenant, conversation->id, {.limit = rows, .offset = 0}),
                      {.messages = call.history_messages, .tokens = call.history_tokens});
}

Result<Known> read_known(sql::Connection& connection, const Keyring& keyring, const OutsideAsk& ask) {
  auto settings = store::read_ai_settings(connection, keyring, ask.tenant);
  if (!settings) return fail(std::move(settings).error());
  return Known{.settings = *std::move(settings),
               .history = read_history(connection, ask, std::get<ChatCall>(ask.call.ask))};
}

ClientRequest request_of(const ChatCall& call, Known known) {
  const auto& settings = known.settings;
  ClientRequest request{.method = "POST", .url = settings.base_url + "/chat/completions", .body_limit = kAnswerBytes};
  request.headers.add("Content-Type", "application/json");
  request.headers.add("Accept", "application/json");
  if (settings.key) request.headers.add("Authorization", "Bearer " + settings.key->reveal());
  const ChatServer server{.model = settings.model, .is_openai = store::is_openai(settings.base_url)};
  request.body = dump(chat_request(call, std::move(known.history), server));
  return request;
}

OutsideTry no_key(std::string words) { return no_chat_answer("no_ai_key", std::move(words), false); }

OutsideTry not_read(const Error& error) {
  if (error.code() == store::kUnreadableSecret)
    return no_key("the workspace's settings.ai.apiKey cannot be opened: " + error.words());
  return no_chat_answer("ai_failed", "the AI settings could not be read: " + error.words(), true);
}

OutsideTry timed_out() { return no_chat_answer("ai_timeout", "the AI server did not answer in time", true); }

// What the address is refused for will be the same next time.
bool may_pass(ErrorKind kind) { return kind == ErrorKind::Unavailable || kind == ErrorKind::Internal; }

OutsideTry not_answered(const ExchangeFailure& failure, bool is_late) {
  if (is_late) return timed_out();
  const auto& error = failure.error;
  return no_chat_answer(error.code().empty() ? "ai_failed" : error.code(),
                        "no answer of the AI server: " + error.words(), may_pass(error.kind()) && !failure.too_large);
}

OutsideTry with_cost(OutsideTry outcome, const store::AiSettings& settings) {
  auto& value = outcome.answer.value;
  if (!value.is_object()) return outcome;
  const auto cost =
      settings.cost_of(find_integer(value, "inputTokens").value_or(0), find_integer(value, "outputTokens").value_or(0));
  if (cost) value["cost"] = cost->text();
  return outcome;
}

// A server may repeat in its error what it was sent, in words of which no reader of answers knows that they are the
// key.
OutsideTry without_key(OutsideTry outcome, const std::optional<Secret>& key) {
  auto& failure = outcome.answer.failure;
  if (!failure || !key || key->empty()) return outcome;
  if (failure->words.contains(key->reveal())) failure->words = "the AI server refuses the request, and repeats the key";
  return outcome;
}

}  // namespace

awaitable<OutsideTry> ChatCaller::ask(OutsideAsk ask) {
  WAYPOST_CHECK(std::holds_alternative<ChatCall>(ask.call.ask));
  const auto due = std::chrono::steady_clock::now() + ask.call.timeout;
  auto known = co_await parts_.database.read(
      [ask, &keyring = parts_.keyring](sql::Connection& connection) { return read_known(connection, keyring, ask); });
  if (!known) co_return not_read(known.error());
  const auto settings = known->settings;
  if (!settings.can_be_asked()) co_return no_key("the workspace has no settings.ai.apiKey");
  auto request = request_of(std::get<ChatCall>(ask.call.ask), *std::move(known));
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(due - std::chrono::steady_clock::now());
  if (left.count() <= 0) co_return timed_out();
  request.deadline = left;
  const auto last = std::chrono::steady_clock::now() + left;
  const auto response = co_await parts_.http.ask(std::move(request));
  const bool is_late = std::chrono::steady_clock::now() >= last;
  if (!response) co_return without_key(not_answered(response.error(), is_late), settings.key);
  co_return without_key(with_cost(read_chat_answer(*response), settings), settings.key);
}

}  // namespace waypost::workflow
