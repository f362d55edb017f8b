// ManagementClient: what is asked of the Graph API beside messages and files: templates, numbers, tokens,
// subscriptions. JSON either way. One a loop; loop only. Tests put a scripted one in its place.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "config/settings.h"
#include "net/client.h"

namespace waypost {

struct GraphCall {
  std::string method = "GET";
  std::string path{};  // behind the version: "/102/subscribed_apps"; may hold a token (debug_token): never logged
  Json body{};         // null: none
  Secret token{};
};

struct GraphReply {
  Json body = Json::object();
  std::optional<Time> date{};  // Meta's clock, to the second
};

inline constexpr std::string_view kMetaRefused = "meta_refused";  // the code of a Rejected

class ManagementClient {
 public:
  // `http` outlives the client.
  static std::unique_ptr<ManagementClient> make(HttpClient& http, GraphSettings settings);
  ManagementClient(const ManagementClient&) = delete;
  ManagementClient& operator=(const ManagementClient&) = delete;
  virtual ~ManagementClient() = default;

  // The answer of a 2xx. Errors: RateLimited and Unavailable may pass later (of the latter nobody knows whether it was
  // done), Unauthorised wants a token, Rejected is Meta's refusal in its own words.
  virtual awaitable<Result<GraphReply>> ask(GraphCall call) = 0;

 protected:
  ManagementClient() = default;
};

// Pure; any thread.
Result<GraphReply> read_graph_reply(const std::expected<Response, ExchangeFailure>& exchange);

}  // namespace waypost
