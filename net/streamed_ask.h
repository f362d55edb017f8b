// One request over a unix socket whose answer is handed on in pieces as they come, however long it is. For command
// lines. Blocking; one thread.
//
// It speaks HTTP/1.0, so that the answer's end is the connection's end: a cut answer looks like a whole one. What is
// streamed says by itself that it is complete.

#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace waypost {

struct StreamedRequest {
  std::string socket{};
  std::string method = "GET";
  std::string target{};
  std::string json{};                 // the body; empty: none
  std::chrono::seconds silence{120};  // the longest wait for the next piece
};

// What a refusal (300 and above) said instead; 200 when `take` was given the body.
struct StreamedAnswer {
  int status = 0;
  std::string refusal{};
};

// An Error of `take` ends it. Unavailable when nobody listens there, or the answer stops coming.
Result<StreamedAnswer> ask_streamed(const StreamedRequest& request,
                                    const std::function<Result<void>(std::string_view)>& take);

}  // namespace waypost
