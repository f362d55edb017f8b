// One message by its id: as it stands, its timeline, and sending it again.

#include "api/door.h"
#include "api/routes.h"
#include "api/timeline.h"
#include "store/message_json.h"
#include "store/recipients.h"
#include "store/resend.h"

namespace waypost::api {
namespace {

// As the list of its conversation shows it.
Result<Json> shown(sql::Connection& connection, TenantId tenant, MessageId id) {
  const auto message = store::find_message(connection, tenant, id);
  if (!message) return not_found();
  Json json = store::to_json(*message);
  json.update(store::to_json(store::marks_of(connection, *message)));
  if (const auto media = store::media_of_message(connection, tenant, id)) json["media"] = store::to_json(*media);
  const auto recipients = store::recipients_of(connection, tenant, {*message});
  if (const auto of_it = recipients.find(id); of_it != recipients.end()) json["recipients"] = of_it->second;
  return json;
}

awaitable<Result<Response>> get(Shared& shared, Call call) {
  const auto id = path_id<MessageId>(call.request);
  if (!id) co_return fail(id.error());
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant, id = *id](auto& connection) {
    return shown(connection, tenant, id);
  }));
}

awaitable<Result<Response>> timeline(Shared& shared, Call call) {
  const auto id = path_id<MessageId>(call.request);
  if (!id) co_return fail(id.error());
  const auto story = co_await shared.database.read(
      [tenant = call.caller.tenant, id = *id](auto& connection) { return store::read_story(connection, tenant, id); });
  if (!story) co_return fail(story.error());
  if (!*story) co_return not_found();
  co_return ok(timeline_of(**story));
}

// A refusal wrote nothing, so it is a value of the unit.
struct Outcome {
  std::optional<store::Resent> resent{};
  std::optional<Error> refusal{};
};
Outcome outcome_of(Result<store::Resent> resent) {
  if (!resent) return {.refusal = std::move(resent).error()};
  return {.resent = *std::move(resent)};
}

awaitable<Result<Response>> resend(Shared& shared, Call call) {
  const auto id = path_id<MessageId>(call.request);
  if (!id) co_return fail(id.error());
  const store::Resend asked{.tenant = call.caller.tenant,
                            .message = *id,
                            .author = call.caller.user ? "user" : "api",
                            .author_id = call.caller.user,
                            .rules = shared.accept_rules()};
  const auto done = co_await shared.database.write(
      sql::lane_key(call.caller.tenant),
      [asked, now = call.now](auto& connection) { return outcome_of(store::resend_message(connection, asked, now)); });
  if (!done) co_return fail(done.error());
  if (done->refusal) co_return fail(*done->refusal);
  const auto& message = done->resent->message;
  if (!done->resent->repeated) {
    const ReadyKey key{
        .owner = message.tenant, .key = message.conversation, .stream = Stream::Reply, .channel = message.channel};
    shared.parts.signals->offer({Signal{.queue = QueueName::Sends, .key = key}});
  }
  co_return answer(done->resent->repeated ? 200 : 201, store::to_json(message));
}

}  // namespace

void add_one_message_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/messages/{id}", get},
                  {"GET", "/api/messages/{id}/timeline", timeline},
                  {"POST", "/api/messages/{id}/resend", resend},
              });
}

}  // namespace waypost::api
