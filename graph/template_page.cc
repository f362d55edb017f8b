#include "graph/template_page.h"

#include <utility>

#include "graph/graph_error.h"

namespace waypost {
namespace {

Error error_of(int http_status, const GraphError& error) {
  const std::string words = "Meta's code " + std::to_string(error.code) + ": " + error.words;
  switch (judge_error({.code = error.code, .http_status = http_status, .is_transient = error.is_transient})) {
    case GraphAction::Retry:
    case GraphAction::Unknown:
      return {ErrorKind::Unavailable, words};
    case GraphAction::PauseNumber:
    case GraphAction::PausePair:
    case GraphAction::PauseApp:
      return {ErrorKind::RateLimited, words};
    case GraphAction::HoldForToken:
      return {ErrorKind::Unauthorised, words};
    case GraphAction::Fail:
    case GraphAction::UseTemplate:
    case GraphAction::Config:
      return {ErrorKind::Rejected, words};
  }
}

// A cursor counts only beside `next`: Meta names one on the last page too.
std::optional<std::string> cursor_of(const Json& answer) {
  const Json* paging = find_object(answer, "paging");
  if (paging == nullptr || !find_text(*paging, "next")) return std::nullopt;
  const Json* cursors = find_object(*paging, "cursors");
  auto after = cursors ? find_text(*cursors, "after") : std::nullopt;
  if (!after || after->empty()) return std::nullopt;
  return after;
}

}  // namespace

Result<TemplatePage> read_template_page(const std::expected<Response, ExchangeFailure>& exchange) {
  if (!exchange) return fail(ErrorKind::Unavailable, exchange.error().error.words());
  const int status = exchange->status;
  const auto answer = parse_json(exchange->body);
  if (answer) {
    if (const auto error = read_graph_error(*answer)) return fail(error_of(status, *error));
  }
  const Json* data = answer ? find_array(*answer, "data") : nullptr;
  if (status == 429) return fail(ErrorKind::RateLimited, "HTTP 429 without an error object");
  if (status != 200 || data == nullptr) {
    return fail(ErrorKind::Unavailable, "an answer that cannot be read (HTTP " + std::to_string(status) + ")");
  }
  TemplatePage page{.after = cursor_of(*answer)};
  for (const auto& row : *data) {
    if (row.is_object()) page.templates.push_back(row);
  }
  return page;
}

}  // namespace waypost
