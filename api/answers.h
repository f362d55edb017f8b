// Answers: an Error becomes a status and the error shape of the API; a value becomes JSON. Pure; any thread.
//
//   InvalidInput 400   Unauthorised 401   Forbidden 403   NotFound 404   Conflict 409   Rejected 422   Internal 500
//   with Retry-After: RateLimited 429   Unavailable 503

#pragma once

#include "base/error.h"
#include "base/json.h"
#include "net/http.h"

namespace waypost::api {

int status_of(ErrorKind kind);

// {"error": words}; with fields {"error": "Validation failed", "details": [{"path", "message"}]}; with a code "code"
// too. What went wrong inside is not told to the outside: a 500 says "Internal error".
Json body_of(const Error& error);
Response answer(const Error& error);

Response answer(int status, const Json& body);
inline Response ok(const Json& body) { return answer(200, body); }
inline Response created(const Json& body) { return answer(201, body); }

// The usual errors, said one way.
std::unexpected<Error> unauthorised();
std::unexpected<Error> forbidden();
std::unexpected<Error> not_found();
std::unexpected<Error> invalid(std::string path, std::string message);

}  // namespace waypost::api
