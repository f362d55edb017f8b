#include "graph/upload_answer.h"

#include <memory>
#include <utility>

#include "base/crypto.h"
#include "graph/graph_error.h"

namespace waypost {
namespace {

constexpr std::size_t kBoundaryBytes = 18;
constexpr std::size_t kLongestName = 100;

// Windows and contacts are nothing that an upload is about; what might have been done may be done again.
GraphAction action_of_upload(GraphAction action) {
  if (action == GraphAction::Unknown) return GraphAction::Retry;
  const bool is_of_sends = action == GraphAction::UseTemplate || action == GraphAction::RetryByPhone;
  return is_of_sends ? GraphAction::Fail : action;
}

Refused refused_by(const Response& response, GraphError error) {
  const auto judged =
      judge_error({.code = error.code, .http_status = response.status, .is_transient = error.is_transient});
  const auto action = action_of_upload(judged);
  return {
      .why = Error(kind_of(action), "the upload of its file: " + error.words), .action = action, .code = error.code};
}

Refused unreadable(int status) {
  const std::string words = "the upload of its file is answered HTTP " + std::to_string(status);
  if (status == 429) return {.why = Error(ErrorKind::RateLimited, words), .action = GraphAction::PauseNumber};
  if (status == 413) return {.why = Error(ErrorKind::Rejected, words), .action = GraphAction::Fail};
  return {.why = Error(ErrorKind::Unavailable, words), .action = GraphAction::Retry};
}

std::string in_form(const std::string& name) {
  std::string plain;
  for (const char c : name.substr(0, kLongestName)) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("._-").contains(c);
    plain += fits ? c : '_';
  }
  return plain.empty() ? "file" : plain;
}

struct Form {
  std::string before;
  BodySource file;
  std::string behind;
  std::uint64_t left = 0;  // of the file
};

awaitable<Result<std::string>> next_of(std::shared_ptr<Form> form) {
  if (!form->before.empty()) co_return std::exchange(form->before, {});
  if (form->left == 0) co_return std::exchange(form->behind, {});
  auto piece = co_await form->file.next();
  if (piece && (piece->empty() || piece->size() > form->left))
    co_return fail(ErrorKind::Internal, "a file is not as long as it was");
  if (piece) form->left -= piece->size();
  co_return piece;
}

}  // namespace

UploadAnswer read_upload_answer(const std::expected<Response, ExchangeFailure>& exchange) {
  if (!exchange) return Refused{.why = exchange.error().error, .action = GraphAction::Retry};
  const auto answer = parse_json(exchange->body);
  auto error = answer ? read_graph_error(*answer) : std::nullopt;
  if (error) return refused_by(*exchange, *std::move(error));
  auto id = answer && exchange->status == 200 ? text_or_empty(*answer, "id") : std::string();
  if (id.empty()) return unreadable(exchange->status);
  return Uploaded{.id = std::move(id)};
}

UploadForm upload_form(const std::string& type, const std::string& name, BodySource file) {
  const std::string boundary = "waypost-" + random_token(kBoundaryBytes);
  const std::string line = "--" + boundary + "\r\n";
  const auto field = [&line](std::string_view key, const std::string& value) {
    return line + "Content-Disposition: form-data; name=\"" + std::string(key) + "\"\r\n\r\n" + value + "\r\n";
  };
  auto form = std::make_shared<Form>();
  form->before = field("messaging_product", "whatsapp") + field("type", type) + line +
                 "Content-Disposition: form-data; name=\"file\"; filename=\"" + in_form(name) +
                 "\"\r\nContent-Type: " + type + "\r\n\r\n";
  form->behind = "\r\n--" + boundary + "--\r\n";
  form->left = file.size;
  const auto size = form->before.size() + file.size + form->behind.size();
  form->file = std::move(file);
  return {.content_type = "multipart/form-data; boundary=" + boundary,
          .body = {.size = size, .next = [form = std::move(form)] { return next_of(form); }}};
}

}  // namespace waypost
