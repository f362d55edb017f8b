#include "daemon/admin_link.h"

#include <future>
#include <memory>
#include <utility>

#include "net/client.h"
#include "net/loop.h"
#include "net/spawn.h"

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

Error error_of(const Response& response, const Json& answer) {
  Error error(kind_of(response.status),
              find_text(answer, "error").value_or("answer " + std::to_string(response.status)));
  const Json* details = find_array(answer, "details");
  if (!details) return error;
  for (const auto& detail : *details) {
    error = std::move(error).with_field(text_or_empty(detail, "path"), text_or_empty(detail, "message"));
  }
  return error;
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
  if (!response) {
    return fail(ErrorKind::Unavailable, "no waypostd answers on " + socket_ + " (" + response.error().error.words() +
                                            "): start it, or name its socket with --socket");
  }
  auto answer = response->body.empty() ? Result<Json>(Json::object()) : parse_json(response->body);
  if (!answer) return fail(std::move(answer.error()).during("reading waypostd's answer"));
  if (response->status >= 300) return fail(error_of(*response, *answer));
  return answer;
}

}  // namespace waypost
