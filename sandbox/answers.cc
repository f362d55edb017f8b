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

awaitable<void> write_once(std::string words, BodyWriter& out) { (void)co_await out.write(words); }

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

// Short of its length: the server cuts the connection.
Response cut_in_half(Response answer) {
  const auto whole = std::exchange(answer.body, {});
  answer.headers.add("Content-Length", std::to_string(whole.size()));
  answer.stream = [half = whole.substr(0, whole.size() / 2)](BodyWriter& out) { return write_once(half, out); };
  return answer;
}

Response too_many_in_html() {
  Response response;
  response.status = 429;
  response.headers.add("Content-Type", "text/html");
  response.body = "<html><body><h1>429 Too Many Requests</h1></body></html>";
  return response;
}

Response control_answer(const Json& body) { return json_response(200, dump(body)); }

Response control_refusal(const Error& error) {
  return json_response(status_of(error.kind()), dump({{"error", error.words()}}));
}

awaitable<Response> at_once(Response response) { co_return response; }

}  // namespace waypost::sandbox
