#include "api/answers.h"

namespace waypost::api {
namespace {

constexpr std::string_view kRetryAfter = "5";

std::string words_of(const Error& error) {
  if (error.kind() == ErrorKind::Internal) return "Internal error";
  if (error.kind() == ErrorKind::Unavailable) return "Service unavailable, please try again";
  if (!error.fields().empty() && error.kind() == ErrorKind::InvalidInput) return "Validation failed";
  return error.words();
}

}  // namespace

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
    case ErrorKind::Rejected:
      return 422;
    case ErrorKind::RateLimited:
      return 429;
    case ErrorKind::Unavailable:
      return 503;
    case ErrorKind::Internal:
      return 500;
  }
}

Json body_of(const Error& error) {
  Json body{{"error", words_of(error)}};
  if (!error.code().empty()) body["code"] = error.code();
  if (error.fields().empty()) return body;
  Json details = Json::array();
  for (const auto& field : error.fields()) details.push_back({{"path", field.path}, {"message", field.message}});
  body["details"] = std::move(details);
  return body;
}

Response answer(const Error& error) {
  Response response = answer(status_of(error.kind()), body_of(error));
  const bool passes = error.kind() == ErrorKind::Unavailable || error.kind() == ErrorKind::RateLimited;
  if (passes) response.headers.add("Retry-After", std::string(kRetryAfter));
  return response;
}

Response answer(int status, const Json& body) { return json_response(status, dump(body)); }

std::unexpected<Error> unauthorised() { return fail(ErrorKind::Unauthorised, "Unauthorized"); }
std::unexpected<Error> forbidden() { return fail(ErrorKind::Forbidden, "Forbidden"); }
std::unexpected<Error> not_found() { return fail(ErrorKind::NotFound, "Not found"); }
std::unexpected<Error> invalid(std::string path, std::string message) {
  return fail(Error(ErrorKind::InvalidInput, "Validation failed").with_field(std::move(path), std::move(message)));
}

}  // namespace waypost::api
