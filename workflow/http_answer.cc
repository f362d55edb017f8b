#include "workflow/http_answer.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>
#include <utility>

#include "base/text.h"

namespace waypost::workflow {
namespace {

constexpr std::size_t kHeaders = 100;
constexpr std::size_t kHeaderCharacters = 2'000;
constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(24);

std::string type_of(const Headers& headers) {
  const auto said = headers.find("Content-Type").value_or("");
  return lower_ascii(trimmed(said.substr(0, said.find(';'))));
}

// What is shown as text, however it is encoded.
bool is_text_type(std::string_view type) {
  return type.starts_with("text/") || type.contains("json") || type.contains("xml") || type.contains("javascript") ||
         type.contains("form-urlencoded");
}

Json text_value(const std::string& body, const std::string& type) {
  if (valid_utf8(body) && !body.contains('\0')) return body;
  if (is_text_type(type)) return storable_text(mended_utf8(body));
  return "(" + std::to_string(body.size()) + " bytes" + (type.empty() ? "" : " of " + storable_text(type)) + ")";
}

Json body_value(const std::string& body, const std::string& type) {
  const auto start = trimmed(body).substr(0, 1);
  if (start.empty()) return nullptr;
  if (type.contains("json") || start == "{" || start == "[") {
    if (auto json = parse_json(body)) return *std::move(json);
  }
  return text_value(body, type);
}

// Several of one name are one list (RFC 9110, section 5.3).
Json headers_value(const Headers& headers) {
  Json all = Json::object();
  for (const auto& [name, value] : headers) {
    if (all.size() == kHeaders) break;
    const auto text = storable_text(value);
    auto& shown = all[storable_text(lower_ascii(name))];
    shown = shown.is_null() ? text : shown.get<std::string>() + ", " + text;
    shown = std::string(first_characters(shown.get_ref<const std::string&>(), kHeaderCharacters));
  }
  return all;
}

std::optional<Time> http_date(std::string_view text) {
  std::tm parts{};
  const char* end = ::strptime(std::string(text).c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr) return std::nullopt;
  return from_millis(std::int64_t{::timegm(&parts)} * 1'000);
}

bool may_repeat_status(int status, const Asked& asked) {
  if (asked.has_acted) return false;
  if (status == 429 || status == 503) return true;
  return status >= 500 && status != 501 && status != 505 && is_idempotent(asked.method);
}

std::string_view code_of(const ExchangeFailure& failure, const Asked& asked) {
  if (failure.error.code() == kRefusedAddress) return kRefusedAddress;
  if (failure.too_large) return "http_too_large";
  return asked.is_over ? "timeout" : "http_failed";
}

}  // namespace

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" || method == "OPTIONS";
}

Json answer_value(const Response& answer, std::string_view method) {
  const bool has_body = method != "HEAD" && !answer.body.empty();
  return {{"status", answer.status},
          {"headers", headers_value(answer.headers)},
          {"body", has_body ? body_value(answer.body, type_of(answer.headers)) : Json()}};
}

OutsideTry answered_try(const Response& answer, const Asked& asked) {
  OutsideTry result{.answer = {.value = answer_value(answer, asked.method)}};
  result.may_repeat = may_repeat_status(answer.status, asked);
  if (result.may_repeat) result.retry_after = retry_after(answer.headers, asked.now);
  return result;
}

OutsideTry failed_try(const ExchangeFailure& failure, const Asked& asked) {
  const auto code = code_of(failure, asked);
  const auto words = code == "http_too_large" ? "the answer is longer than the gateway takes" : failure.error.words();
  auto result = refused_try(code, words);
  const bool has_answer = code == kRefusedAddress || code == "http_too_large";
  const bool harmless = is_idempotent(asked.method) || (failure.sent == Sent::NothingSent && !asked.has_acted);
  result.may_repeat = !has_answer && failure.error.kind() != ErrorKind::InvalidInput && harmless;
  return result;
}

OutsideTry refused_try(std::string_view code, std::string words) {
  return {.answer = {.failure = store::Complaint{.code = std::string(code), .words = std::move(words)}}};
}

std::optional<std::chrono::milliseconds> retry_after(const Headers& headers, std::optional<Time> now) {
  const auto said = headers.find("Retry-After");
  if (!said) return std::nullopt;
  const auto text = trimmed(*said);
  std::int64_t seconds_said = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds_said);
  if (error == std::errc() && end == text.data() + text.size() && seconds_said >= 0)
    return std::min(kLongestWait, std::chrono::milliseconds(std::min<std::int64_t>(seconds_said, 86'400) * 1'000));
  const auto date = http_date(text);
  if (!date || !now) return std::nullopt;
  return std::clamp(*date - *now, std::chrono::milliseconds(0), kLongestWait);
}

}  // namespace waypost::workflow
