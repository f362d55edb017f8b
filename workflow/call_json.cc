#include "workflow/call_json.h"

#include "base/or_null.h"

namespace waypost::workflow {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Json pairs_json(const Pairs& pairs) {
  Json json = Json::array();
  for (const auto& [first, second] : pairs) json.push_back({first, second});
  return json;
}

Pairs read_pairs(const Json& json, std::string_view key) {
  Pairs pairs;
  const Json* array = find_array(json, key);
  if (array == nullptr) return pairs;
  for (const auto& pair : *array) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) continue;
    pairs.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
  }
  return pairs;
}

Json to_json(const HttpCall& call) {
  return {{"method", call.method},
          {"url", call.url},
          {"headers", pairs_json(call.headers)},
          {"body", call.body},
          {"credential", call.credential ? Json(call.credential->text()) : Json()}};
}

Json to_json(const ChatCall& call) {
  return {{"model", call.model},
          {"system", call.system},
          {"historyMessages", call.history_messages},
          {"historyTokens", call.history_tokens},
          {"more", pairs_json(call.more)},
          {"schema", call.schema},
          {"temperature", or_null(call.temperature)},
          {"maxTokens", or_null(call.max_tokens)}};
}

HttpCall read_http(const Json& json) {
  return {.method = text_or_empty(json, "method"),
          .url = text_or_empty(json, "url"),
          .headers = read_pairs(json, "headers"),
          .body = text_or_empty(json, "body"),
          .credential = CredentialId::parse(text_or_empty(json, "credential"))};
}

std::optional<double> number_in(const Json& json, std::string_view key) {
  const Json* number = find(json, key);
  return number != nullptr && number->is_number() ? std::optional(number->get<double>()) : std::nullopt;
}

std::size_t count_in(const Json& json, std::string_view key) {
  return static_cast<std::size_t>(find_integer(json, key).value_or(0));
}

ChatCall read_chat(const Json& json) {
  const Json* schema = find(json, "schema");
  return {.model = text_or_empty(json, "model"),
          .system = text_or_empty(json, "system"),
          .history_messages = count_in(json, "historyMessages"),
          .history_tokens = count_in(json, "historyTokens"),
          .more = read_pairs(json, "more"),
          .schema = schema ? *schema : Json(),
          .temperature = number_in(json, "temperature"),
          .max_tokens = find_integer(json, "maxTokens")};
}

}  // namespace

Json to_json(const OutsideCall& call) {
  Json json{{"timeoutMs", call.timeout.count()}, {"attempts", call.attempts}};
  const char* kind = std::holds_alternative<HttpCall>(call.ask) ? "http" : "chat";
  json[kind] = std::visit([](const auto& ask) { return to_json(ask); }, call.ask);
  return json;
}

OutsideCall read_call(const Json& json) {
  OutsideCall call;
  if (const Json* chat = find_object(json, "chat")) call.ask = read_chat(*chat);
  if (const Json* http = find_object(json, "http")) call.ask = read_http(*http);
  call.timeout = std::chrono::milliseconds(find_integer(json, "timeoutMs").value_or(call.timeout.count()));
  call.attempts = static_cast<int>(find_integer(json, "attempts").value_or(call.attempts));
  return call;
}

}  // namespace waypost::workflow
