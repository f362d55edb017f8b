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

// A Meta that does not answer costs up to a minute a channel: then the others are shown as they were last seen.
constexpr std::chrono::seconds kLooking{20};

awaitable<Result<Json>> report_of(Shared& shared, const store::Channel& channel, Time begun) {
  const bool in_time = shared.clock.now() - begun < kLooking;
  if (in_time && shared.parts.look_at_channel) {
    auto seen = co_await shared.parts.look_at_channel(channel);
    if (!seen) co_return fail(seen.error());
    co_return std::move(seen->report);
  }
  co_return co_await shared.database.read(
      [tenant = channel.tenant, id = channel.id](sql::Connection& connection) -> Result<Json> {
        const auto known = store::find_health(connection, tenant, id);
        return known ? known->report : Json::object();
      });
}

awaitable<void> add_channel(Shared& shared, const store::Channel& channel, Time begun, Json& checks) {
  const std::string of = channel.name + " (" + channel.id.text() + ")";
  checks.push_back(to_json(judge_state(channel), of));
  const auto report = co_await report_of(shared, channel, begun);
  if (!report) {
    checks.push_back(to_json({.name = "channel",
                              .status = HealthStatus::Bad,
                              .words = report.error().words(),
                              .next = "look into the daemon's log"},
                             of));
    co_return;
  }
  const Json* list = find_array(*report, "checks");
  for (const auto& check : list ? *list : Json::array()) {
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
    const Time begun = shared.clock.now();
    for (const auto& channel : rows->channels) co_await add_channel(shared, channel, begun, checks);
  }
  co_return ok({{"checks", std::move(checks)}});
}

}  // namespace

void add_doctor_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<OpenEntry>{{"GET", "/admin/doctor", examine, Tier::None, Needs::Nothing}});
}

}  // namespace waypost::api
