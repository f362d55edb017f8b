// Our HTTP server with a handler that does nothing but answer 200: what net/ itself costs beside a bare Beast server.
//
//   bare_waypost --port 0        prints the port it listens on

#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "net/server.h"

int main(int argc, char** argv) {
  using namespace waypost;
  int port = 0;
  CLI::App app("Waypost's HTTP server with a handler that answers 200");
  app.add_option("--port", port, "on the loopback; 0: a free one")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);  // before the loop's thread inherits the mask

  Loop loop("loop");
  Router router;
  router.add({.method = "POST",
              .pattern = "/webhooks/whatsapp/{app}",
              .body_limit = 4 << 20,
              .gate = [](const RequestHead& head) -> std::optional<Response> {
                if (head.headers.find("X-Hub-Signature-256")) return std::nullopt;
                return text_response(401, "");
              },
              .handler = [](Request) -> awaitable<Response> { co_return Response(); }});
  BodyBudget budget(64 << 20);
  auto server =
      HttpServer::listen({.address = "127.0.0.1:" + std::to_string(port)}, router, budget, ServerLimits(), {&loop});
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().words().c_str());
    return 1;
  }
  (*server)->start();
  std::printf("%u\n", static_cast<unsigned>((*server)->port()));
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stop, &signal);
  (*server)->stop(std::chrono::seconds(1));
}
