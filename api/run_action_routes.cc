// What an admin does with a run: ends it, or has it done again.

#include "api/door.h"
#include "api/input.h"
#include "api/routes.h"
#include "store/people.h"
#include "store/runs.h"
#include "workflow/replay.h"

namespace waypost::api {
namespace {

struct Cancelling {
  Caller caller{};
  RunId id{};
  Time now{};
};

std::string name_of_caller(sql::Connection& connection, const Caller& caller) {
  const auto person = caller.user ? store::find_person(connection, *caller.user) : std::nullopt;
  if (!person) return "an API token";
  return person->name.empty() ? person->email : person->name;
}

// A worker that has the run in hand commits before this or never: both move its revision, and this runs again when the
// worker was first.
Result<store::Run> cancel_unit(sql::Connection& connection, const Cancelling& asked) {
  const auto run = store::find_run(connection, asked.caller.tenant, asked.id);
  if (!run) return not_found();
  const store::Complaint why{.code = "cancelled", .words = "cancelled by " + name_of_caller(connection, asked.caller)};
  if (!store::cancel_run(connection, asked.caller.tenant, asked.id, why, asked.now))
    return fail(Error(ErrorKind::Conflict, "the run has ended").with_code("run_ended"));
  return store::find_run(connection, asked.caller.tenant, asked.id).value();
}

awaitable<Result<Response>> cancel(Shared& shared, Call call) {
  const auto id = path_id<RunId>(call.request);
  if (!id) co_return fail(id.error());
  if (auto input = Input::of(call.request); !input) co_return fail(input.error());
  const Cancelling asked{.caller = call.caller, .id = *id, .now = call.now};
  const auto run = co_await shared.database.write(sql::lane_key(call.caller.tenant),
                                                  [asked](auto& connection) { return cancel_unit(connection, asked); });
  if (!run) co_return fail(run.error());
  // What waited for its end goes on.
  const ReadyKey key{.owner = run->tenant, .key = run->conversation};
  shared.parts.signals->offer({Signal{.queue = QueueName::Runs, .key = key}});
  Json json = store::to_json(*run);
  json["ok"] = true;
  co_return ok(json);
}

Result<workflow::ReplayVersion> read_version(const Request& request) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  const auto name = input->maybe_text("version");
  const auto version = workflow::replay_version_named(name.value_or("original"));
  if (!version) input->complain("version", "Expected 'original' | 'latest'");
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return *version;
}

awaitable<Result<Response>> replay(Shared& shared, Call call) {
  const auto id = path_id<RunId>(call.request);
  if (!id) co_return fail(id.error());
  const auto version = read_version(call.request);
  if (!version) co_return fail(version.error());
  const workflow::ReplayOrder order{.tenant = call.caller.tenant, .original = *id, .version = *version};
  const auto queued = co_await shared.database.write(
      sql::lane_key(order.tenant),
      [order, now = call.now](auto& connection) { return workflow::replay_run(connection, order, now); });
  if (!queued) co_return fail(queued.error());
  shared.parts.signals->offer({queued->signal});
  co_return ok(workflow::to_json(*queued));
}

}  // namespace

void add_run_action_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"POST", "/api/runs/{id}/cancel", cancel, store::Role::Admin},
                  {"POST", "/api/runs/{id}/replay", replay, store::Role::Admin},
              });
}

}  // namespace waypost::api
