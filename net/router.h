// Router: which handler answers a method and path. Filled at start, constant after; used by all loops.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace waypost {

using Handler = std::function<awaitable<Response>(Request)>;

// Takes the body piece by piece, as it comes; Request::body is empty. What it does not read is dropped with the
// connection.
using StreamedHandler = std::function<awaitable<Response>(Request, BodyReader&)>;

// Looks at a request before its body is read: an answer ends it there and then (401, 413, 503), nothing lets it in.
using Gate = std::function<std::optional<Response>(const RequestHead&)>;

struct Route {
  std::string method{};
  std::string pattern{};             // "/api/contacts/{id}/notes": a placeholder is one whole segment
  std::size_t body_limit = 1 << 20;  // bytes; beyond: 413
  Gate gate{};                       // may be empty
  Handler handler{};
  StreamedHandler streamed{};  // instead of `handler`
};

class Router {
 public:
  Router();
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // Each method and pattern once.
  void add(Route route);
  // Answers what no route does (after 405 with Allow for a known path of another method). Default: 404 in JSON.
  void set_not_found(std::function<Response(const RequestHead&)> answer);

  struct Match {
    const Route* route = nullptr;  // null: no such path
    std::string allow{};           // methods of the path, when only the method does not fit
    std::vector<std::pair<std::string, std::string>> params{};
  };
  // `path` as sent, still percent-encoded, so that an encoded slash stays inside its segment. A literal segment wins
  // over a placeholder. HEAD is answered by GET's route where it has none of its own.
  Match match(std::string_view method, std::string_view path) const;
  Response not_found(const RequestHead& head, const Match& match) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
  std::function<Response(const RequestHead&)> not_found_;
};

}  // namespace waypost
