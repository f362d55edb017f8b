#include "daemon/admin_link.h"

#include <future>
#include <memory>
#include <utility>

#include "net/client.h"
#include "net/loop.h"
#include "net/spawn.h"
#include "net/streamed_ask.h"

namespace waypost {
namespace {

using Outcome = std::expected<Response, ExchangeFailure>;

awaitable<void> exchange(asio::any_io_executor loop, ClientRequest request, std::promise<Outcome>& promise) {
  const auto client = HttpClient::make(loop, ClientSettings{});
  promise.set_value(co_await client->ask(std::move(request)));
}

ErrorKind kind_of(int status) {
  if (status == 400) return ErrorKind::InvalidInput;
  if (status == 404) return ErrorKind::NotFound;
  if (status == 409) return ErrorKind::Conflict;
  if (status == 422) return ErrorKind::Rejected;
  if (status == 503) return ErrorKind::Unavailable;
  return ErrorKind::Internal;
}

Error error_of(int status, const Json& answer) {
  Error error(kind_of(status), find_text(answer, "error").value_or("answer " + std::to_string(status)));
  const Json* details = find_array(answer, "details");
  if (!details) return error;
  for (const auto& detail : *details) {
    error = std::move(error).with_field(text_or_empty(detail, "path"), text_or_empty(detail, "message"));
  }
  return error;
}

std::unexpected<Error> nobody_answers(const std::string& socket, const std::string& words) {
  return fail(ErrorKind::Unavailable,
              "no waypostd answers on " + socket + " (" + words + "): start it, or name its socket with --socket");
}

}  // namespace

Result<Json> AdminLink::ask(std::string method, std::string path, const Json& body) const {
  ClientRequest request{.method = std::move(method), .url = "unix:" + socket_ + ":" + path};
  if (!body.is_null()) {
    request.headers.add("Content-Type", "application/json");
    request.body = dump(body);
  }
  std::promise<Outcome> promise;
  auto outcome = promise.get_future();
  Loop loop("waypost");
  spawn(loop.executor(), "admin link", exchange(loop.executor(), std::move(request), promise));
  auto response = outcome.get();
  if (!response) return nobody_answers(socket_, response.error().error.words());
  auto answer = response->body.empty() ? Result<Json>(Json::object()) : parse_json(response->body);
  if (!answer) return fail(std::move(answer.error()).during("reading waypostd's answer"));
  if (response->status >= 300) return fail(error_of(response->status, *answer));
  return answer;
}

Result<void> AdminLink::ask_streamed(const std::string& method, const std::string& path, const Json& body,
                                     const std::function<Result<void>(std::string_view)>& take) const {
  bool taken = false;
  const auto answer = waypost::ask_streamed(
      {.socket = socket_, .method = method, .target = path, .json = body.is_null() ? std::string() : dump(body)},
      [&](std::string_view piece) {
        taken = true;
        return take(piece);
      });
  if (!answer && answer.error().kind() == ErrorKind::Unavailable && !taken)
    return nobody_answers(socket_, answer.error().words());
  if (!answer) return fail(answer.error());
  if (answer->status >= 300 || answer->status == 0)
    return fail(error_of(answer->status, parse_json(answer->refusal).value_or(Json::object())));
  return {};
}

}  // namespace waypost
