#include "graph/template_page.h"

#include <utility>

#include "graph/graph_failure.h"

namespace waypost {
namespace {

constexpr std::int64_t kCursorExpired = 131059;

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
    const auto error = read_graph_error(*answer);
    if (error && error->code == kCursorExpired) return fail(ErrorKind::Conflict, "the list's cursor has expired");
    if (error) return fail(graph_failure(status, *error));
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
