#include "graph/send_answer.h"

#include <charconv>
#include <utility>

#include "graph/graph_error.h"

namespace waypost {
namespace {

// Not documented for sends; honoured where it comes.
std::optional<std::chrono::milliseconds> retry_after(const Headers& headers) {
  const auto text = headers.find("Retry-After");
  if (!text) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  constexpr std::int64_t kDay = 86'400;
  if (error != std::errc() || seconds < 0 || seconds > kDay) return std::nullopt;
  return std::chrono::seconds(seconds);
}

SendAnswer read_error(const Response& response, GraphError error) {
  const auto action =
      judge_error({.code = error.code, .http_status = response.status, .is_transient = error.is_transient});
  Error why(kind_of(action), std::move(error.words));
  if (action == GraphAction::Unknown) return Unclear{.why = std::move(why), .code = error.code};
  return Refused{
      .why = std::move(why), .action = action, .code = error.code, .retry_after = retry_after(response.headers)};
}

std::optional<Accepted> read_accepted(const Json& answer) {
  const Json* messages = find_array(answer, "messages");
  if (messages == nullptr || messages->empty()) return std::nullopt;
  auto wamid = find_text(messages->front(), "id");
  if (!wamid || wamid->empty()) return std::nullopt;
  Accepted accepted{.wamid = *std::move(wamid)};
  const Json* contacts = find_array(answer, "contacts");
  if (contacts != nullptr && !contacts->empty()) accepted.wa_id = find_text(contacts->front(), "wa_id");
  return accepted;
}

// Something between us and Meta may answer in its own words: only 429 says by itself that nothing was done.
SendAnswer read_unreadable(const Response& response) {
  const std::string status = std::to_string(response.status);
  if (response.status == 429) {
    return Refused{.why = Error(ErrorKind::RateLimited, "HTTP 429 without an error object"),
                   .action = GraphAction::PauseNumber,
                   .retry_after = retry_after(response.headers)};
  }
  return Unclear{.why = Error(ErrorKind::Unavailable, "an answer that cannot be read (HTTP " + status + ")")};
}

SendAnswer read_response(const Response& response) {
  const auto answer = parse_json(response.body);
  if (!answer) return read_unreadable(response);
  if (auto error = read_graph_error(*answer)) return read_error(response, *std::move(error));
  if (response.status != 200) return read_unreadable(response);
  if (auto accepted = read_accepted(*answer)) return *std::move(accepted);
  return read_unreadable(response);
}

}  // namespace

SendAnswer read_send_answer(const std::expected<Response, ExchangeFailure>& exchange) {
  if (exchange) return read_response(*exchange);
  const auto& failure = exchange.error();
  if (failure.sent == Sent::NothingSent) return Refused{.why = failure.error, .action = GraphAction::Retry};
  return Unclear{.why = failure.error};
}

}  // namespace waypost
