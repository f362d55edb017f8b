#include "api/door.h"
#include "api/routes.h"
#include "base/metrics.h"

namespace waypost::api {
namespace {

awaitable<Result<Response>> health(Shared&, Request) { co_return text_response(200, "ok\n"); }

const char* status_of(bool whole, bool ready) {
  if (whole) return "ready";
  return ready ? "degraded" : "down";
}

awaitable<Result<Response>> readiness(Shared& shared, Request) {
  const auto store = co_await shared.database.read(
      [](sql::Connection& connection) { return connection.run("SELECT 1").front().number(0); });
  std::vector<Readiness> checks{{.name = "store",
                                 .ready = store.has_value(),
                                 .words = store ? "" : "does not answer: webhooks are kept in the journal"}};
  if (shared.parts.readiness) {
    for (auto& check : co_await shared.parts.readiness()) checks.push_back(std::move(check));
  }
  bool whole = true;
  bool ready = true;
  Json list = Json::array();
  for (const auto& check : checks) {
    whole = whole && check.ready;
    ready = ready && (check.ready || !check.vital);
    list.push_back({{"name", check.name}, {"ready", check.ready}, {"words", check.ready ? "" : check.words}});
  }
  co_return answer(ready ? 200 : 503,
                   {{"ready", ready}, {"status", status_of(whole, ready)}, {"checks", std::move(list)}});
}

awaitable<Result<Response>> metrics(Shared&, Request) {
  Response response;
  response.headers.add("Content-Type", "text/plain; version=0.0.4");
  response.body = metrics_text();
  co_return response;
}

}  // namespace

void add_health_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<OpenEntry>{
                  {"GET", "/healthz", health, Tier::None, Needs::Nothing},
                  {"GET", "/readyz", readiness, Tier::None, Needs::Nothing},
                  {"GET", "/metrics", metrics, Tier::None, Needs::Nothing},
              });
}

}  // namespace waypost::api
