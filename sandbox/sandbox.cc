#include "sandbox/sandbox.h"

#include <future>

namespace waypost::sandbox {
namespace {

constexpr std::size_t kBodiesInFlight = 256 << 20;
constexpr milliseconds kLastRequests{200};

ClientSettings client_settings() {
  ClientSettings settings;
  settings.idle_per_origin = 256;
  return settings;
}

}  // namespace

Sandbox::Sandbox()
    : tasks_(loop_.executor()),
      client_(HttpClient::make(loop_.executor(), client_settings())),
      webhooks_(world_, faults_, *client_, tasks_),
      phones_(world_, webhooks_, tasks_),
      load_(world_, phones_, tasks_),
      graph_(world_, faults_, phones_, webhooks_, tasks_),
      control_({world_, faults_, phones_, webhooks_, load_}),
      budget_(kBodiesInFlight) {
  control_.add_routes(router_);
  graph_.add_routes(router_);
}

Result<std::unique_ptr<Sandbox>> Sandbox::start(const SandboxOptions& options) {
  std::unique_ptr<Sandbox> sandbox(new Sandbox);
  if (auto done = set_up(sandbox->world_, sandbox->faults_, options.setup); !done) return fail(done.error());
  if (!find(options.setup, "numbers")) {
    if (auto put = put_number(sandbox->world_, usual_number()); !put) return fail(put.error());
  }
  if (auto done = sandbox->listen(options); !done) return fail(done.error());
  return sandbox;
}

Result<void> Sandbox::listen(const SandboxOptions& options) {
  Listen listen;
  listen.address = options.listen;
  auto server = HttpServer::listen(listen, router_, budget_, ServerLimits{}, {&loop_});
  if (!server) return fail(std::move(server).error());
  server_ = *std::move(server);
  url_ = "http://" + options.listen.substr(0, options.listen.rfind(':')) + ":" + std::to_string(server_->port());
  loop_.post([this, url = url_] { world_.url = url; });
  server_->start();
  return {};
}

Sandbox::~Sandbox() {
  if (server_) server_->stop(kLastRequests);
  std::promise<void> ended;
  loop_.post([this, &ended] { tasks_.stop([&ended] { ended.set_value(); }); });
  ended.get_future().wait();
  // The client's sockets belong to the loop.
  std::promise<void> closed;
  loop_.post([this, &closed] {
    client_.reset();
    closed.set_value();
  });
  closed.get_future().wait();
}

}  // namespace waypost::sandbox
