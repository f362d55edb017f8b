// SandboxProcess: the built program waypost-sandbox as a child of the test, and its control API as blocking calls. The
// thread that made it.

#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "net/client.h"
#include "net/loop.h"

namespace waypost {

class SandboxProcess {
 public:
  // Listens on a free port of loopback when it returns; `options` as on its command line. The program stands one folder
  // above the test's own. Stops the process (WAYPOST_CHECK) when it cannot be started.
  explicit SandboxProcess(std::vector<std::string> options = {});
  SandboxProcess(const SandboxProcess&) = delete;
  SandboxProcess& operator=(const SandboxProcess&) = delete;
  // SIGTERM, and waits for its end.
  ~SandboxProcess();

  const std::string& url() const { return url_; }
  pid_t pid() const { return pid_; }
  // SIGTERM, and the exit code.
  int stop();

  // The answer's JSON; null when none came. "GET", "/control/stats".
  Json ask(const std::string& method, const std::string& path, const Json& body = {});
  Json get(const std::string& path) { return ask("GET", path); }
  Json post(const std::string& path, const Json& body = Json::object()) { return ask("POST", path, body); }
  // Gives the wamid.
  std::string customer_writes(const std::string& phone, const std::string& text);
  // Runs the handshake; true when the gateway at `url` passed it.
  bool set_webhook(const std::string& url, const std::string& verify_token);

 private:
  Loop loop_{"sandbox-client"};
  std::unique_ptr<HttpClient> client_;
  pid_t pid_ = -1;
  std::string url_;
};

}  // namespace waypost
