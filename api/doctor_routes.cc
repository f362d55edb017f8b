// What `waypost doctor` prints: everything that should work, each with what to do next. On the admin socket.

#include <chrono>

#include "api/door.h"
#include "api/routes.h"

namespace waypost::api {
namespace {

Json to_json(const HealthCheck& check, std::string_view of) {
  return {{"of", of},
          {"name", check.name},
          {"status", name_of(check.status)},
          {"words", check.words},
          {"next", check.next}};
}

struct Rows {
  std::vector<store::Channel> channels{};
  std::chrono::milliseconds took{0};
};

awaitable<Result<Rows>> read_rows(Shared& shared) {
  const auto begun = std::chrono::steady_clock::now();
  auto channels =
      co_await shared.database.read([](sql::Connection& connection) { return store::all_channels(connection); });
  if (!channels) co_return fail(channels.error());
  const auto took = std::chrono::steady_clock::now() - begun;
  co_return Rows{.channels = *std::move(channels), .took = std::chrono::duration_cast<std::chrono::milliseconds>(took)};
}

HealthCheck judge_store(const Result<Rows>& rows) {
  if (!rows)
    return {.name = "store",
            .status = HealthStatus::Bad,
            .words = rows.error().words(),
            .next = "mend the store (store.url): webhooks are kept in the journal meanwhile"};
  return {.name = "store", .words = "answers after " + std::to_string(rows->took.count()) + " ms"};
}

// One that waits for a token, or was stopped by somebody, beside what Meta says of it.
HealthCheck judge_state(const store::Channel& channel) {
  if (channel.state == "needs_token")
    return {.name = "sends",
            .status = HealthStatus::Bad,
            .words = "wait for a new token: " + channel.state_words.value_or(""),
            .next = "PATCH /api/channels/{id} with accessToken: held sends go out at once"};
  if (channel.state == "paused")
    return {.name = "sends",
            .status = HealthStatus::Warning,
            .words = "are paused",
            .next = "PATCH /api/channels/{id} with state active, when they may go on"};
  return {.name = "sends", .words = "go out"};
}

awaitable<void> add_channel(Shared& shared, const store::Channel& channel, Json& checks) {
  const std::string of = channel.name + " (" + channel.id.text() + ")";
  checks.push_back(to_json(judge_state(channel), of));
  if (!shared.parts.look_at_channel) co_return;
  const auto seen = co_await shared.parts.look_at_channel(channel);
  if (!seen) {
    checks.push_back(to_json({.name = "channel",
                              .status = HealthStatus::Bad,
                              .words = seen.error().words(),
                              .next = "look into the daemon's log"},
                             of));
    co_return;
  }
  for (const auto& check : seen->report["checks"]) {
    checks.push_back(check);
    checks.back()["of"] = of;
  }
}

awaitable<Result<Response>> examine(Shared& shared, Request) {
  Json checks = Json::array();
  checks.push_back(to_json({.name = "settings", .words = "read, release " WAYPOST_VERSION}, "this node"));
  const auto rows = co_await read_rows(shared);
  checks.push_back(to_json(judge_store(rows), "this node"));
  if (shared.parts.node_checks) {
    for (const auto& check : co_await shared.parts.node_checks()) checks.push_back(to_json(check, "this node"));
  }
  if (rows) {
    for (const auto& channel : rows->channels) co_await add_channel(shared, channel, checks);
  }
  co_return ok({{"checks", std::move(checks)}});
}

}  // namespace

void add_doctor_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<OpenEntry>{{"GET", "/admin/doctor", examine, Tier::None, Needs::Nothing}});
}

}  // namespace waypost::api
