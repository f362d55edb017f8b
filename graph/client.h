// GraphClient: Meta's Graph API, as far as it is called here. One a loop; loop only. Tests put a scripted one in its
// place.
//
// A send is written at most once; whoever calls decides what an unclear answer means. Tokens travel in the
// Authorization header only and never reach a trace, an Error or a log.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "config/settings.h"
#include "graph/send_answer.h"
#include "net/client.h"

namespace waypost {

// Who speaks: the number or the business account in the path, and its token.
struct GraphAccess {
  std::string id{};  // phone number id, or WhatsApp Business Account id
  Secret token{};
};

// One page of a list; no cursor: the last one.
struct TemplatePage {
  std::vector<Json> templates{};
  std::optional<std::string> after{};
};

class GraphClient {
 public:
  // `http` outlives the client.
  static std::unique_ptr<GraphClient> make(HttpClient& http, GraphSettings settings);
  GraphClient(const GraphClient&) = delete;
  GraphClient& operator=(const GraphClient&) = delete;
  virtual ~GraphClient() = default;

  // POST /{version}/{number}/messages; ends within GraphSettings::timeout.
  virtual awaitable<SendExchange> post_message(GraphAccess number, Json message) = 0;

  // The same path, for "read" and "typing…": Meta answers {"success": true}. Errors as list_templates.
  virtual awaitable<Result<void>> post_mark(GraphAccess number, Json mark) = 0;

  // GET /{version}/{account}/message_templates behind `after` ("" = from the start). Errors: RateLimited and
  // Unavailable may pass later, Unauthorised wants a token, Conflict: `after` holds no longer (131059), begin anew;
  // Rejected is for good.
  virtual awaitable<Result<TemplatePage>> list_templates(GraphAccess account, std::string after) = 0;

 protected:
  GraphClient() = default;
};

}  // namespace waypost
