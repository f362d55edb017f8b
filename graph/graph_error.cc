#include "graph/graph_error.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace waypost {
namespace {

constexpr std::size_t kWordsCharacters = 300;

std::string words_of(const Json& error) {
  std::string words = text_or_empty(error, "message");
  const Json* more = find_object(error, "error_data");
  const std::string details = more ? text_or_empty(*more, "details") : std::string();
  if (!details.empty() && details != words) words += (words.empty() ? "" : ": ") + details;
  return std::string(first_characters(words, kWordsCharacters));
}

}  // namespace

std::optional<GraphError> read_graph_error(const Json& answer) {
  const Json* error = find_object(answer, "error");
  if (error == nullptr) return std::nullopt;
  const auto code = find_integer(*error, "code");
  if (!code) return std::nullopt;
  return GraphError{.code = *code,
                    .is_transient = find_bool(*error, "is_transient").value_or(false),
                    .words = words_of(*error),
                    .trace_id = text_or_empty(*error, "fbtrace_id")};
}

std::string trace_id_of(const Headers& headers, const std::optional<GraphError>& error) {
  if (error && !error->trace_id.empty()) return error->trace_id;
  for (const auto* name : {"x-fb-trace-id", "x-fb-request-id"}) {
    if (const auto value = headers.find(name)) return std::string(*value);
  }
  return {};
}

}  // namespace waypost
