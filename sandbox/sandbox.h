// Sandbox: the whole simulator behind one listener: Graph API, control API, webhooks out, everything in memory on one
// loop of its own. Made and destroyed by the thread that owns it, which is not that loop.

#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "net/loop.h"
#include "net/server.h"
#include "sandbox/control_api.h"
#include "sandbox/graph_api.h"

namespace waypost::sandbox {

struct SandboxOptions {
  std::string listen = "127.0.0.1:0";
  Json setup = Json::object();  // see setup.h; without "numbers" it has the usual one
};

class Sandbox {
 public:
  // Listens and serves when it returns. InvalidInput for a bad setup or address, Unavailable when the port is taken.
  static Result<std::unique_ptr<Sandbox>> start(const SandboxOptions& options);
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;
  // Ends what is on its way: webhooks not yet acknowledged are lost.
  ~Sandbox();

  // "http://127.0.0.1:40123".
  std::string url() const { return url_; }

 private:
  Sandbox();
  Result<void> listen(const SandboxOptions& options);

  Loop loop_{"sandbox"};
  World world_;
  Faults faults_;
  Tasks tasks_;
  std::unique_ptr<HttpClient> client_;
  Webhooks webhooks_;
  Phones phones_;
  Load load_;
  GraphApi graph_;
  ControlApi control_;
  Router router_;
  BodyBudget budget_;
  std::unique_ptr<HttpServer> server_;
  std::string url_;
};

}  // namespace waypost::sandbox
