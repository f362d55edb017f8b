// Doors: where requests come in: the public listener with the API and the webhook, the admin socket, the admin listener
// with health and metrics. Main thread.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/api.h"
#include "base/error.h"
#include "config/settings.h"
#include "net/loop.h"
#include "net/server.h"
#include "webhook/endpoint.h"

namespace waypost {

// What is pointed to outlives the doors.
struct DoorsParts {
  const Settings* settings = nullptr;
  BodyBudget* budget = nullptr;
  std::vector<Loop*> loops{};
  ApiParts api{};
  std::optional<EndpointParts> webhook{};  // of a node with that role
};

class Doors {
 public:
  // They serve when it returns. A node without the roles "webhook" and "api" has no public listener. Errors name the
  // address.
  static Result<std::unique_ptr<Doors>> open(DoorsParts parts);

  // No new connection; requests in progress may end within the limit.
  void close_public(std::chrono::milliseconds limit);
  void close_others();
  Result<void> reload_certificates();

  // Empty without a public listener.
  std::string url() const;
  std::string admin_url() const;

 private:
  explicit Doors(DoorsParts parts) : parts_(std::move(parts)), api_(parts_.api) {}
  void add_routes();
  Result<void> listen();
  Result<std::unique_ptr<HttpServer>> serve(const Listen& at, const Router& router) const;

  const DoorsParts parts_;
  Api api_;
  Router public_;
  Router admin_;   // the admin socket
  Router health_;  // the admin listener
  std::unique_ptr<HttpServer> public_server_;
  std::unique_ptr<HttpServer> admin_server_;
  std::unique_ptr<HttpServer> health_server_;
};

}  // namespace waypost
