#include "workflow/chat_answer.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.h"

namespace waypost::workflow {
namespace {

constexpr std::size_t kQuotedCharacters = 300;
// Who asks for longer means "not today".
constexpr std::int64_t kMostRetrySeconds = 3'600;
constexpr std::size_t kKeyBytes = 32;  // names of models are shorter

bool is_key_sign(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '*';
}

// As long as keys are and with a digit, partly starred out, or beginning as OpenAI's do.
bool looks_like_key(std::string_view run) {
  if (run.starts_with("sk-") || run.contains("**")) return true;
  return run.size() >= kKeyBytes && run.find_first_of("0123456789") != std::string_view::npos;
}

std::string without_keys(std::string_view text) {
  std::string kept;
  while (!text.empty()) {
    const auto* end = std::ranges::find_if_not(text, is_key_sign);
    const std::string_view run(text.begin(), end);
    kept += looks_like_key(run) ? std::string_view("[…]") : run;
    text.remove_prefix(run.size());
    if (text.empty()) break;
    kept += text.front();
    text.remove_prefix(1);
  }
  return kept;
}

// {"error": {"message", "code"}}, {"error": "text"}, {"message"}, {"detail"}: OpenAI, Ollama, Mistral, FastAPI.
std::string message_in(const Json& body) {
  if (const Json* error = find_object(body, "error")) return text_or_empty(*error, "message");
  for (const auto* key : {"error", "message", "detail"}) {
    if (auto text = find_text(body, key)) return *std::move(text);
  }
  return {};
}

std::string code_in(const Json& body) {
  const Json* error = find_object(body, "error");
  if (error == nullptr) return {};
  const auto code = text_or_empty(*error, "code");
  return code.empty() ? text_or_empty(*error, "type") : code;
}

std::string quoted(const Json& body) {
  const auto message = without_keys(trimmed(message_in(body)));
  if (message.empty()) return {};
  return ": " + std::string(first_characters(mended_utf8(message), kQuotedCharacters));
}

std::optional<std::chrono::milliseconds> retry_after(const Headers& headers) {
  const auto text = trimmed(headers.find("Retry-After").value_or(""));
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || fault != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return std::chrono::seconds(std::min(value, kMostRetrySeconds));
}

struct Verdict {
  std::string code{};
  std::string words{};
  bool may_repeat = false;
};

bool has_no_credit(int status, const Json& body) {
  return status == 402 || (status == 429 && code_in(body) == "insufficient_quota");
}

Verdict verdict_of(int status, const Json& body) {
  if (status == 401 || status == 403) return {.code = "ai_key_refused", .words = "the AI server refuses the key"};
  if (has_no_credit(status, body)) return {.code = "ai_quota", .words = "the AI account has no credit left"};
  if (status == 404)
    return {.code = "ai_no_such_model", .words = "the AI server knows no such model or address" + quoted(body)};
  if (status == 408 || status == 429)
    return {.code = "ai_busy", .words = "the AI server is too busy" + quoted(body), .may_repeat = true};
  if (status >= 500) return {.code = "ai_failed", .words = "the AI server failed" + quoted(body), .may_repeat = true};
  return {.code = "ai_refused_request", .words = "the AI server refuses the request" + quoted(body)};
}

OutsideTry refused(int status, const Json& body, const Headers& headers) {
  auto verdict = verdict_of(status, body);
  auto outcome =
      no_chat_answer(std::move(verdict.code), verdict.words + " (" + std::to_string(status) + ")", verdict.may_repeat);
  if (outcome.may_repeat) outcome.retry_after = retry_after(headers);
  return outcome;
}

// A text, or a list of parts of which some are texts.
std::string text_of(const Json* content) {
  if (content == nullptr) return {};
  if (content->is_string()) return content->get<std::string>();
  std::string text;
  if (!content->is_array()) return text;
  for (const auto& part : *content) text += text_or_empty(part, "text");
  return text;
}

// Local servers leave the thoughts of a model that reasons in its text: "<think>…</think>" before the answer.
std::string_view without_thoughts(std::string_view text) {
  constexpr std::string_view kBegin = "<think>";
  constexpr std::string_view kEnd = "</think>";
  text = trimmed(text);
  if (!text.starts_with(kBegin)) return text;
  const auto end = text.find(kEnd);
  return end == std::string_view::npos ? std::string_view() : trimmed(text.substr(end + kEnd.size()));
}

std::int64_t tokens_in(const Json& body, std::string_view key) {
  const Json* usage = find_object(body, "usage");
  return usage ? std::max<std::int64_t>(find_integer(*usage, key).value_or(0), 0) : 0;
}

Json value_of(const Json& body, const Json& message) {
  return {{"text", std::string(without_thoughts(text_of(find(message, "content"))))},
          {"model", text_or_empty(body, "model")},
          {"inputTokens", tokens_in(body, "prompt_tokens")},
          {"outputTokens", tokens_in(body, "completion_tokens")}};
}

OutsideTry with_failure(OutsideTry outcome, std::string code, std::string words) {
  outcome.answer.failure = store::Complaint{.code = std::move(code), .words = std::move(words)};
  return outcome;
}

OutsideTry judged(const Json& body, const Json& choice, const Json& message) {
  OutsideTry outcome{.answer = {.value = value_of(body, message)}};
  const auto finish = text_or_empty(choice, "finish_reason");
  if (finish == "content_filter")
    return with_failure(std::move(outcome), "ai_filtered", "a content filter of the AI server took the answer");
  if (!text_or_empty(message, "refusal").empty())
    return with_failure(std::move(outcome), "ai_refused", "the model declined to answer");
  if (finish == "length") outcome.answer.value["cut"] = true;
  return outcome;
}

const Json* first_choice(const Json& body) {
  const Json* choices = find_array(body, "choices");
  return choices == nullptr || choices->empty() ? nullptr : &choices->front();
}

// Some gateways answer 200 with the error of the server behind them, whose status is its code.
int status_in(const Json& body) {
  const Json* error = find_object(body, "error");
  const auto status = error ? find_integer(*error, "code") : std::nullopt;
  return status && *status >= 400 && *status <= 599 ? static_cast<int>(*status) : 502;
}

}  // namespace

OutsideTry no_chat_answer(std::string code, std::string words, bool may_repeat) {
  return {.answer = {.failure = store::Complaint{.code = std::move(code), .words = std::move(words)}},
          .may_repeat = may_repeat};
}

OutsideTry read_chat_answer(const Response& response) {
  const auto parsed = parse_json(response.body);
  const Json body = parsed ? *parsed : Json();
  if (response.status != 200) return refused(response.status, body, response.headers);
  const Json* choice = first_choice(body);
  const Json* message = choice ? find_object(*choice, "message") : nullptr;
  if (message != nullptr) return judged(body, *choice, *message);
  if (find(body, "error") != nullptr && !body.at("error").is_null())
    return refused(status_in(body), body, response.headers);
  return no_chat_answer("ai_failed", "what the address answers is no chat completion", false);
}

}  // namespace waypost::workflow
