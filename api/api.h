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
#include "conversation/channel_health.h"
#include "graph/management_client.h"
#include "graph/upload_client.h"
#include "net/router.h"
#include "outbound/template_sync.h"
#include "queue/signals.h"
#include "sql/database.h"
#include "store/channel_health.h"
#include "store/channels.h"
#include "workflow/rehearsal.h"

namespace waypost {

class Applier;
class AppDirectory;
namespace media {
class MediaFolder;
}
class Journal;

// One thing that should work; `words` say why it does not. Without a vital one the node is down, without another it is
// degraded: it goes on, and what it cannot do waits.
struct Readiness {
  std::string name{};
  bool ready = true;
  bool vital = true;
  std::string words{};
};

// What Redis says of one queue.
struct QueueState {
  QueueStats stats{};
  std::vector<OwnerStats> owners{};  // every one with a key that is ready or leased
};

// All outlive the Api. Those from `applier` on may be absent.
struct ApiParts {
  sql::Database* database = nullptr;
  const Clock* clock = nullptr;
  const Keyring* keyring = nullptr;
  const Settings* settings = nullptr;
  Signals* signals = nullptr;
  Applier* applier = nullptr;    // told of new channels: dead letters of their numbers are applied
  Journal* journal = nullptr;    // this node's own, which is read again on demand
  AppDirectory* apps = nullptr;  // reloaded when a webhook app changed
  media::MediaFolder* media = nullptr;
  // TemplateSync::sync of the request's loop.
  std::function<awaitable<Result<SyncedTemplates>>(store::Channel)> sync_templates{};
  // ManagementClient::ask of the request's loop.
  std::function<awaitable<Result<GraphReply>>(GraphCall)> ask_graph{};
  // UploadClient::handle of the request's loop.
  std::function<awaitable<Result<std::string>>(GraphAccess, FileToUpload)> upload_sample{};
  // ChannelLooker::look of the request's loop.
  std::function<awaitable<Result<store::ChannelHealth>>(store::Channel)> look_at_channel{};
  // What `waypost doctor` asks of this node beside the store. Of the request's loop.
  std::function<awaitable<std::vector<HealthCheck>>()> node_checks{};
  // workflow::test_draft() with the world outside. Of the request's loop.
  std::function<awaitable<Result<Json>>(workflow::DraftTest)> test_draft{};
  // post_mark() (outbound/mark.h): a "read" or a "typing…" of the channel's number. Of the request's loop.
  std::function<awaitable<Result<void>>(store::Channel, Json)> post_mark{};
  // After a channel was made: its templates are to be listed. On the request's loop; must not block.
  std::function<void(const store::Channel&)> channel_created{};
  // Of the request's loop; Unavailable while Redis is away.
  std::function<awaitable<Result<QueueState>>(QueueName)> queue_stats{};
  // Tells Redis which owners are paused, as the rows say. The same.
  std::function<awaitable<Result<void>>()> sync_pauses{};
  // What should work beside the store, which /readyz asks itself. Of the request's loop.
  std::function<awaitable<std::vector<Readiness>>()> readiness{};
  // False until the store was found and is this release's: whoever needs it is answered 503 meanwhile. Any thread.
  std::function<bool()> store_entered{};
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
