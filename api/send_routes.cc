#include <algorithm>
#include <functional>

#include "api/door.h"
#include "api/idempotency_key.h"
#include "api/routes.h"
#include "api/send_order.h"

namespace waypost::api {
namespace {

Result<SendOrder> order_of(const Shared& shared, const Call& call, Input& input, Destination to) {
  const Json whole = input.body();
  if (auto* person = std::get_if<Person>(&to)) {
    *person = take_person(input);
  } else {
    refuse_recipient(input);
  }
  auto outgoing = read_outgoing(input);
  if (auto fine = input.end(); !fine) return fail(fine.error());
  auto key = read_request_key(call.caller.tenant, call.request, whole);
  if (!key) return fail(std::move(key).error());
  for (auto& message : outgoing.messages) {
    message.author = call.caller.user ? "user" : "api";
    message.author_id = call.caller.user;
  }
  return SendOrder{.tenant = call.caller.tenant,
                   .to = std::move(to),
                   .outgoing = std::move(outgoing),
                   .key = *std::move(key),
                   .rules = shared.accept_rules(),
                   .now = call.now};
}

// Sends to one conversation, or to one person, keep their order.
sql::LaneKey lane_of(const SendOrder& order) {
  if (const auto* id = std::get_if<ConversationId>(&order.to)) return sql::lane_key(*id, order.tenant);
  const auto& alias = std::get<Person>(order.to).alias;
  return {std::hash<std::string>()(alias.value), sql::lane_key(order.tenant).owner};
}

// The end of the window stands beside the error, not among the fields that are to blame.
Response refused(const Error& error) {
  auto to_blame = error.fields();
  const auto [end, last] = std::ranges::remove(to_blame, kWindowEnd, &FieldError::path);
  Json window = Json::object();
  for (const auto& field : error.fields()) {
    if (field.path == kWindowEnd) window[field.path] = field.message.empty() ? Json() : Json(field.message);
  }
  to_blame.erase(end, last);
  Json body = body_of(Error(error.kind(), error.words()).with_code(error.code()).with_fields(std::move(to_blame)));
  body.update(window);
  return answer(status_of(error.kind()), body);
}

Response answer_of(const store::KeptAnswer& kept) {
  return json_response(static_cast<int>(kept.status), std::string(kept.body));
}

awaitable<Result<Response>> carry(Shared& shared, SendOrder order) {
  const auto lane = lane_of(order);
  const auto tenant = order.tenant;
  const auto sent = co_await shared.database.write(
      lane, [order = std::move(order)](auto& connection) { return carry_out(connection, order); });
  if (!sent && sent.error().kind() == ErrorKind::Rejected) co_return refused(sent.error());
  if (!sent) co_return fail(sent.error());
  if (sent->queued) {
    const ReadyKey key{
        .owner = tenant, .key = sent->queued->conversation, .stream = Stream::Reply, .channel = sent->queued->channel};
    shared.parts.signals->offer({Signal{.queue = QueueName::Sends, .key = key}});
  }
  auto response = answer_of(sent->answer);
  if (sent->replayed) response.headers.add(std::string(kReplayedHeader), "true");
  co_return response;
}

awaitable<Result<Response>> to_conversation(Shared& shared, Call call) {
  const auto id = path_id<ConversationId>(call.request);
  if (!id) co_return fail(id.error());
  auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  auto order = order_of(shared, call, *input, *id);
  if (!order) co_return fail(std::move(order).error());
  co_return co_await carry(shared, *std::move(order));
}

awaitable<Result<Response>> to_person(Shared& shared, Call call) {
  auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  auto order = order_of(shared, call, *input, Person{});
  if (!order) co_return fail(std::move(order).error());
  co_return co_await carry(shared, *std::move(order));
}

}  // namespace

void add_send_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"POST", "/api/conversations/{id}/messages", to_conversation},
                  {"POST", "/api/messages", to_person},
              });
}

}  // namespace waypost::api
