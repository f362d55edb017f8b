// Api: the HTTP resources of Waypost, for people and programs, and those of the installation's admin. Made once at
// start; its routes are used by all loops until the servers have stopped, which it outlives.
//
//   add_routes          /api/*       on the public listener: sessions, tokens, one workspace's resources, its events
//   add_admin_routes    /admin/*     on the admin unix socket only: whoever may open the socket is the admin
//   add_health_routes   /healthz …   on the admin listener: read-only, without a sign-in

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/error.h"
#include "config/settings.h"
#include "net/router.h"
#include "outbound/template_sync.h"
#include "queue/signals.h"
#include "sql/database.h"
#include "store/channels.h"

namespace waypost {

// One thing that must work before requests are welcome; `words` say why it does not.
struct Readiness {
  std::string name{};
  bool ready = true;
  std::string words{};
};

// All outlive the Api. The functions are called on the loop of the request; empty ones are left out.
struct ApiParts {
  sql::Database* database = nullptr;
  const Clock* clock = nullptr;
  const Keyring* keyring = nullptr;
  const Settings* settings = nullptr;
  Signals* signals = nullptr;
  // TemplateSync::sync of the request's loop.
  std::function<awaitable<Result<SyncedTemplates>>(store::Channel)> sync_templates{};
  // After the commit of a new channel: dead letters of its number are applied, its templates listed. Must not block.
  std::function<void(const store::Channel&)> channel_created{};
  // After the commit of a changed webhook app: AppDirectory::reload. Must not block.
  std::function<void()> apps_changed{};
  // After the commit of a workflow's publication or deletion. Must not block.
  std::function<void(TenantId)> workflows_changed{};
  // Beside the store, which /readyz asks itself. Must not block.
  std::function<std::vector<Readiness>()> readiness{};
};

class Api {
 public:
  explicit Api(ApiParts parts);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;
  ~Api();

  void add_routes(Router& router);
  void add_admin_routes(Router& router);
  void add_health_routes(Router& router);

 private:
  struct Rooms;
  std::unique_ptr<Rooms> rooms_;
};

}  // namespace waypost
