#include "sandbox/answers.h"

#include <utility>

#include "base/crypto.h"

namespace waypost::sandbox {
namespace {

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidInput:
      return 400;
    case ErrorKind::Unauthorised:
      return 401;
    case ErrorKind::Forbidden:
      return 403;
    case ErrorKind::NotFound:
      return 404;
    case ErrorKind::Conflict:
      return 409;
    case ErrorKind::RateLimited:
      return 429;
    case ErrorKind::Rejected:
      return 422;
    case ErrorKind::Unavailable:
      return 503;
    case ErrorKind::Internal:
      return 500;
  }
}

Response with_trace(Response response, std::string_view trace) {
  response.headers.add("x-fb-trace-id", std::string(trace));
  response.headers.add("facebook-api-version", "v26.0");
  return response;
}

}  // namespace

Response graph_answer(const Json& body) { return with_trace(json_response(200, dump(body)), random_token(8)); }

Response graph_refusal(const GraphError& error) {
  const auto trace = random_token(8);
  return with_trace(json_response(http_status_of(error), dump(error_body(error, trace))), trace);
}

Response hang_up() {
  Response response;
  response.status = 0;
  return response;
}

Response control_answer(const Json& body) { return json_response(200, dump(body)); }

Response control_refusal(const Error& error) {
  return json_response(status_of(error.kind()), dump({{"error", error.words()}}));
}

awaitable<Response> at_once(Response response) { co_return response; }

}  // namespace waypost::sandbox
