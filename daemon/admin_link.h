// AdminLink: the command line's way to a running waypostd, over its admin unix socket. Blocking; one thread.

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace waypost {

class AdminLink {
 public:
  explicit AdminLink(std::string socket) : socket_(std::move(socket)) {}

  // The JSON of an answer below 300. Unavailable when no daemon listens there; otherwise the daemon's own words.
  Result<Json> ask(std::string method, std::string path, const Json& body) const;

  // The same for an answer of any length, handed on in pieces as they come.
  Result<void> ask_streamed(const std::string& method, const std::string& path, const Json& body,
                            const std::function<Result<void>(std::string_view)>& take) const;

 private:
  std::string socket_;
};

}  // namespace waypost
