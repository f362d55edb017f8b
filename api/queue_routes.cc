// The queues, for the installation's admin: what waits and why, what is buried, and the stop buttons.

#include <algorithm>

#include "api/channel_work.h"
#include "api/door.h"
#include "api/input.h"
#include "api/paging.h"
#include "api/queue_report.h"
#include "api/routes.h"
#include "store/channels.h"
#include "store/conversations.h"
#include "store/queue_pauses.h"
#include "store/tenants.h"
#include "store/work_failures.h"

namespace waypost::api {
namespace {

Result<store::WorkQueue> path_queue(const RequestHead& head) {
  const auto queue = store::work_queue_named(head.param("queue"));
  if (!queue) return not_found();
  return *queue;
}

TenantId read_workspace(Input& input) {
  const std::string text = input.text("workspaceId");
  const auto id = TenantId::parse(text);
  if (!id && !text.empty()) input.complain("workspaceId", "Invalid uuid");
  return id.value_or(TenantId{});
}

awaitable<Result<Response>> show_queues(Shared& shared, AdminCall) {
  co_return respond(200, co_await queue_report(shared));
}

// Buried keys -------------------------------------------------------------------------------------------------------

awaitable<Result<Response>> list_buried(Shared& shared, AdminCall call) {
  const auto page = read_page(call.request, {.usual = 50, .most = 500});
  if (!page) co_return fail(page.error());
  const auto named = call.request.query_value("queue");
  const auto queue = named ? store::work_queue_named(*named) : std::nullopt;
  if (named && !queue) co_return invalid("queue", "Expected 'runs' | 'sends' | 'media'");
  const auto rows = co_await shared.database.read([page = *page, queue](sql::Connection& connection) {
    auto more = page;
    ++more.limit;
    return store::list_buried(connection, queue, more);
  });
  if (!rows) co_return fail(rows.error());
  Json items = Json::array();
  const auto most = static_cast<std::size_t>(page->limit);
  for (std::size_t at = 0; at < rows->size() && at < most; ++at) items.push_back(store::to_json(rows->at(at)));
  co_return ok({{"items", std::move(items)}, {"hasMore", rows->size() > most}});
}

Result<store::BuriedKeys> read_keys(const Request& request) {
  const auto queue = path_queue(request);
  if (!queue) return fail(queue.error());
  const auto conversation = path_id<ConversationId>(request, "conversationId");
  if (!conversation) return fail(conversation.error());
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  store::BuriedKeys keys{.tenant = read_workspace(*input), .queue = *queue, .conversation = *conversation};
  keys.stream = input->maybe_text("stream");
  if (keys.stream && *keys.stream != "reply" && *keys.stream != "bulk")
    input->complain("stream", "Expected 'reply' | 'bulk'");
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return keys;
}

// In the queue "sends" a conversation stands with its number.
awaitable<std::optional<ChannelId>> channel_of(Shared& shared, TenantId tenant, ConversationId id) {
  const auto found = co_await shared.database.read(
      [tenant, id](sql::Connection& connection) { return store::find_conversation(connection, tenant, id); });
  co_return found && *found ? std::optional((*found)->channel) : std::nullopt;
}

// What cannot be offered now is found by the sweep.
void offer(Shared& shared, const store::WorkKey& key, std::optional<ChannelId> channel) {
  if (!channel) return;
  shared.parts.signals->offer({{.queue = queue_name(key.queue),
                                .key = {.owner = key.tenant,
                                        .key = key.conversation,
                                        .stream = key.stream == "bulk" ? Stream::Bulk : Stream::Reply,
                                        .channel = *channel}}});
}

std::unexpected<Error> not_buried() {
  return fail(ErrorKind::NotFound, "nothing of this conversation is buried in that queue");
}

awaitable<Result<Response>> revive_key(Shared& shared, AdminCall call) {
  const auto keys = read_keys(call.request);
  if (!keys) co_return fail(keys.error());
  const auto revived = co_await shared.database.write(
      sql::lane_key(keys->conversation, keys->tenant),
      [keys = *keys](sql::Connection& connection) { return store::revive(connection, keys); });
  if (!revived) co_return fail(revived.error());
  if (revived->empty()) co_return not_buried();
  const auto channel = co_await channel_of(shared, keys->tenant, keys->conversation);
  for (const auto& key : *revived) offer(shared, key, channel);
  co_return ok({{"revived", revived->size()}});
}

awaitable<Result<Response>> drop_key(Shared& shared, AdminCall call) {
  const auto keys = read_keys(call.request);
  if (!keys) co_return fail(keys.error());
  const auto dropped =
      co_await shared.database.write(sql::lane_key(keys->conversation, keys->tenant),
                                     [keys = *keys, now = shared.clock.now()](sql::Connection& connection) {
                                       return store::drop_first(connection, keys, now);
                                     });
  if (!dropped) co_return fail(dropped.error());
  if (dropped->empty()) co_return not_buried();
  const auto channel = co_await channel_of(shared, keys->tenant, keys->conversation);
  Json items = Json::array();
  for (const auto& one : *dropped) {
    offer(shared, one.key, channel);
    items.push_back({{"stream", one.key.stream}, {"what", one.what}, {"id", one.id ? Json(one.id->text()) : Json()}});
  }
  co_return ok({{"dropped", std::move(items)}});
}

// Stop buttons ------------------------------------------------------------------------------------------------------

// The rows are written; Redis may have to wait for whoever keeps the queue to tell it.
awaitable<Response> when_in_force(Shared& shared, Json answered) {
  Result<void> told = fail(ErrorKind::Unavailable, "this node has no queue");
  if (shared.parts.sync_pauses) told = co_await shared.parts.sync_pauses();
  answered["inForce"] = told.has_value();
  answered["words"] = told ? "in force" : "written; it takes effect when Redis answers: " + told.error().words();
  co_return answer(told ? 200 : 202, answered);
}

// {"workspaceId"}, {"channelId"} with or without its workspace, or {"all": true}: exactly one of the reaches.
store::PauseReach read_reach(Input& input, store::WorkQueue queue) {
  store::PauseReach reach;
  const bool all = input.maybe_bool("all").value_or(false);
  if (input.has("channelId")) {
    reach.channel = ChannelId::parse(input.text("channelId"));
    if (!reach.channel) input.complain("channelId", "Invalid uuid");
    if (queue == store::WorkQueue::Media) input.complain("channelId", "Files are paused by workspace, or all");
  }
  if (all && (reach.channel || input.has("workspaceId")))
    input.complain("all", "Expected workspaceId, channelId or all");
  if (input.has("workspaceId") || (!all && !input.has("channelId"))) reach.tenant = read_workspace(input);
  return reach;
}

// The reach with the channel's workspace. NotFound for what is not there, or not of that workspace.
Result<store::PauseReach> found_reach(sql::Connection& connection, store::PauseReach reach) {
  if (reach.tenant && !store::find_tenant(connection, *reach.tenant))
    return fail(ErrorKind::NotFound, "No such workspace");
  if (!reach.channel) return reach;
  const auto channels = store::all_channels(connection);
  const auto found = std::ranges::find(channels, *reach.channel, &store::Channel::id);
  if (found == channels.end() || (reach.tenant && *reach.tenant != found->tenant))
    return fail(ErrorKind::NotFound, "No such channel");
  reach.tenant = found->tenant;
  return reach;
}

Json reach_json(store::WorkQueue queue, const store::PauseReach& reach, bool paused) {
  Json json{{"queue", store::name_of(queue)}, {"paused", paused}};
  if (reach.tenant) json["workspaceId"] = reach.tenant->text();
  if (reach.channel) json["channelId"] = reach.channel->text();
  if (!reach.tenant) json["all"] = true;
  return json;
}

// A channel's work looks at the row itself; of the others Redis is told.
awaitable<Response> in_force(Shared& shared, const store::PauseReach& reach, Json answered) {
  if (!reach.channel) co_return co_await when_in_force(shared, std::move(answered));
  answered["inForce"] = true;
  answered["words"] = "in force";
  co_return answer(200, answered);
}

Result<store::PauseReach> write_pause(sql::Connection& connection, store::QueuePause pause) {
  auto reach = found_reach(connection, pause.reach);
  if (!reach) return reach;
  pause.reach = *reach;
  store::pause(connection, pause);
  return reach;
}

awaitable<Result<Response>> pause_owner(Shared& shared, AdminCall call) {
  const auto queue = path_queue(call.request);
  if (!queue) co_return fail(queue.error());
  auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  const store::QueuePause pause{.reach = read_reach(*input, *queue),
                                .queue = *queue,
                                .paused_by = call.by,
                                .reason = input->text("reason", {.most = 500}),
                                .created_at = shared.clock.now()};
  if (auto fine = input->end(); !fine) co_return fail(fine.error());
  const auto reach = co_await shared.database.write(
      0, [pause](sql::Connection& connection) { return write_pause(connection, pause); });
  if (!reach) co_return fail(reach.error());
  co_return co_await in_force(shared, *reach, reach_json(*queue, *reach, true));
}

Result<store::PauseReach> end_pause(sql::Connection& connection, const store::PauseReach& asked,
                                    store::WorkQueue queue) {
  auto reach = found_reach(connection, asked);
  if (!reach) return reach;
  if (!store::resume(connection, *reach, queue)) return fail(ErrorKind::NotFound, "it is not paused in that queue");
  return reach;
}

awaitable<Result<Response>> resume_owner(Shared& shared, AdminCall call) {
  const auto queue = path_queue(call.request);
  if (!queue) co_return fail(queue.error());
  auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  const auto asked = read_reach(*input, *queue);
  if (auto fine = input->end(); !fine) co_return fail(fine.error());
  const auto reach = co_await shared.database.write(
      0, [asked, queue = *queue](sql::Connection& connection) { return end_pause(connection, asked, queue); });
  if (!reach) co_return fail(reach.error());
  if (reach->channel) co_await offer_channel(shared, *reach->tenant, *reach->channel, queue_name(*queue));
  co_return co_await in_force(shared, *reach, reach_json(*queue, *reach, false));
}

}  // namespace

void add_queue_routes(Router& router, Shared& shared, Side side) {
  add_entries(router, shared, side,
              std::initializer_list<AdminEntry>{
                  {"GET", "/queues", show_queues},
                  {"GET", "/queues/buried", list_buried},
                  {"POST", "/queues/{queue}/buried/{conversationId}/revive", revive_key},
                  {"POST", "/queues/{queue}/buried/{conversationId}/drop", drop_key},
                  {"POST", "/queues/{queue}/pause", pause_owner},
                  {"POST", "/queues/{queue}/resume", resume_owner},
              });
}

}  // namespace waypost::api
