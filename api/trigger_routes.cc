#include <functional>

#include "api/door.h"
#include "api/idempotency_key.h"
#include "api/routes.h"
#include "api/trigger_order.h"

namespace waypost::api {
namespace {

Result<TriggerOrder> order_of(const Call& call, Input& input) {
  auto order = read_trigger_order(input);
  if (auto fine = input.end(); !fine) return fail(std::move(fine).error());
  order.tenant = call.caller.tenant;
  order.now = call.now;
  return order;
}

// Calls about one person keep their order.
sql::LaneKey lane_of(const TriggerOrder& order) {
  if (const auto* known = std::get_if<KnownContact>(&order.with)) return sql::lane_key(known->id, order.tenant);
  return {std::hash<std::string>()(std::get<Person>(order.with).alias.value), sql::lane_key(order.tenant).owner};
}

awaitable<Result<Response>> trigger(Shared& shared, Call call) {
  const auto id = path_id<WorkflowId>(call.request);
  if (!id) co_return fail(id.error());
  auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  auto key = read_request_key(call.caller.tenant, call.request, input->body());
  if (!key) co_return fail(std::move(key).error());
  auto order = order_of(call, *input);
  if (!order) co_return fail(std::move(order).error());
  order->workflow = *id;
  order->key = *std::move(key);
  order->runs_per_minute = shared.settings.runs.max_runs_per_contact_per_minute;
  const auto done = co_await shared.database.write(
      lane_of(*order), [order = *order](auto& connection) { return carry_out(connection, order); });
  if (!done) co_return fail(done.error());
  if (done->signal) shared.parts.signals->offer({*done->signal});
  auto response = json_response(static_cast<int>(done->answer.status), std::string(done->answer.body));
  if (done->replayed) response.headers.add(std::string(kReplayedHeader), "true");
  co_return response;
}

}  // namespace

void add_trigger_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"POST", "/api/workflows/{id}/trigger", trigger},
              });
}

}  // namespace waypost::api
