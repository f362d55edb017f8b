#include <algorithm>

#include "api/channel_work.h"
#include "api/door.h"
#include "api/input.h"
#include "api/new_channel.h"
#include "api/routes.h"
#include "store/events.h"
#include "store/portfolio.h"
#include "store/queue_pauses.h"
#include "store/webhook_apps.h"
#include "webhook/app_directory.h"
#include "webhook/applier.h"

namespace waypost::api {
namespace {

constexpr TextRule kGraphId{.least = 1, .most = 64};

// Ids of the Graph API are digits; they become parts of a URL.
std::string read_graph_id(Input& input, std::string_view key) {
  std::string id = input.text(key, kGraphId);
  if (!std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; })) input.complain(key, "Expected digits");
  return id;
}

// A header's value later on: nothing but printable ASCII.
void check_token(Input& input, const std::optional<std::string>& token) {
  const auto fits = [](char c) { return c > ' ' && c < '\x7f'; };
  if (token && !std::ranges::all_of(*token, fits)) input.complain("accessToken", "Invalid access token");
}

std::string sealed(const Keyring& keyring, std::string token) {
  return keyring.seal(Secret(std::move(token)), store::kAccessTokenPurpose);
}

bool has_app(sql::Connection& connection, std::string_view name) {
  const auto apps = store::list_webhook_apps(connection);
  return std::ranges::any_of(apps, [name](const store::WebhookApp& app) { return app.name == name; });
}

void tell(sql::Connection& connection, const store::Channel& channel, Time now) {
  const std::string payload = dump({{"channel", store::to_json(channel)}});
  store::append_event(connection, channel.tenant,
                      {.type = "channel.updated", .conversation = std::nullopt, .payload = payload}, now);
}

Result<store::Channel> insert(sql::Connection& connection, const store::Channel& channel, Time now) {
  if (!has_app(connection, channel.app)) return invalid("app", "No such webhook app");
  auto made = store::create_channel(connection, channel, now);
  if (made) tell(connection, *made, now);
  return made;
}

struct ChannelEdit {
  std::optional<std::string> name{};
  std::optional<std::string> display_phone_number{};
  std::optional<std::string> sealed_token{};
  std::optional<std::string> state{};
};

Result<ChannelEdit> read_edit(const Request& request, const Keyring& keyring) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  ChannelEdit edit{.name = input->maybe_text("name", {.most = 100}),
                   .display_phone_number = input->maybe_text("displayPhoneNumber", {.most = 40}),
                   .state = input->maybe_text("state")};
  if (edit.state && *edit.state != "active" && *edit.state != "paused")
    input->complain("state", "Expected 'active' | 'paused'");
  auto token = input->maybe_text("accessToken", {.most = 2'048});
  check_token(*input, token);
  if (auto fine = input->end(); !fine) return fail(fine.error());
  if (token) edit.sealed_token = sealed(keyring, *std::move(token));
  return edit;
}

// Whoever sets it active wants it to try again at once.
void end_wait(store::Channel& channel, const std::string& state) {
  channel.state = state;
  if (state != "active") return;
  channel.state_words.reset();
  channel.state_code.reset();
  channel.look_at.reset();
  channel.probed_at.reset();
}

// A new token ends the wait for one.
store::Channel edited(store::Channel channel, const ChannelEdit& edit) {
  if (edit.name) channel.name = *edit.name;
  if (edit.display_phone_number) channel.display_phone_number = *edit.display_phone_number;
  if (edit.sealed_token) {
    channel.sealed_access_token = *edit.sealed_token;
    if (channel.state == "needs_token") end_wait(channel, "active");
  }
  if (edit.state) end_wait(channel, *edit.state);
  return channel;
}

Result<Json> apply(sql::Connection& connection, const Caller& caller, ChannelId id,
                   const std::pair<ChannelEdit, Time>& edit_and_now) {
  const auto before = store::lock_channel(connection, caller.tenant, id);
  if (!before) return not_found();
  auto after = edited(*before, edit_and_now.first);
  after.updated_at = edit_and_now.second;
  store::update_channel(connection, after, edit_and_now.second);
  tell(connection, after, edit_and_now.second);
  return store::to_json(after);
}

// With what of Meta's limit its business has used; the event has it not, for it changes with every send.
Json shown_with_limit(sql::Connection& connection, const store::Channel& channel, Time now) {
  Json json = store::to_json(channel);
  json["messagingLimit"] = store::to_json(store::limit_use(connection, channel, now));
  return json;
}

awaitable<Result<Response>> list(Shared& shared, Call call) {
  auto items = co_await shared.database.read([tenant = call.caller.tenant, now = call.now](auto& connection) {
    Json all = Json::array();
    for (const auto& row : store::list_channels(connection, tenant))
      all.push_back(shown_with_limit(connection, row, now));
    return all;
  });
  if (!items) co_return fail(items.error());
  co_return ok({{"items", *std::move(items)}});
}

// With the stop buttons that hold it; who pressed them is the installation's.
Result<Json> shown(sql::Connection& connection, TenantId tenant, ChannelId id, Time now) {
  const auto channel = store::find_channel(connection, tenant, id);
  if (!channel) return not_found();
  Json json = shown_with_limit(connection, *channel, now);
  json["pauses"] = Json::array();
  for (const auto& pause : store::pauses_of_channel(connection, tenant, id)) {
    Json told = store::to_json(pause);
    for (const auto* key : {"pausedBy", "workspaceId", "workspace", "channelId", "channel"}) told.erase(key);
    json["pauses"].push_back(std::move(told));
  }
  return json;
}

awaitable<Result<Response>> get(Shared& shared, Call call) {
  const auto id = path_id<ChannelId>(call.request);
  if (!id) co_return fail(id.error());
  co_return respond(
      200, co_await shared.database.read([tenant = call.caller.tenant, id = *id, now = call.now](auto& connection) {
        return shown(connection, tenant, id, now);
      }));
}

awaitable<Result<Response>> create(Shared& shared, Call call) {
  auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  auto channel = read_new_channel(*input, shared.keyring);
  if (!channel) co_return fail(channel.error());
  channel->tenant = call.caller.tenant;
  co_return respond(201, co_await make_channel(shared, *std::move(channel), call.now));
}

awaitable<Result<Response>> patch(Shared& shared, Call call) {
  const auto id = path_id<ChannelId>(call.request);
  if (!id) co_return fail(id.error());
  auto edit = read_edit(call.request, shared.keyring);
  if (!edit) co_return fail(edit.error());
  auto done = co_await shared.database.write(
      sql::lane_key(call.caller.tenant), [caller = call.caller, id = *id, pair = std::pair(*std::move(edit), call.now)](
                                             auto& connection) { return apply(connection, caller, id, pair); });
  if (done && shared.parts.applier != nullptr) shared.parts.applier->channels_changed();
  if (done && text_or_empty(*done, "state") == "active")
    co_await offer_channel(shared, call.caller.tenant, *id, QueueName::Sends);
  co_return respond(200, std::move(done));
}

}  // namespace

Result<store::Channel> read_new_channel(Input& input, const Keyring& keyring) {
  store::Channel channel{.app = input.maybe_text("app", {.most = 64}).value_or(std::string(kDefaultApp)),
                         .phone_number_id = read_graph_id(input, "phoneNumberId"),
                         .waba_id = read_graph_id(input, "wabaId"),
                         .display_phone_number = input.maybe_text("displayPhoneNumber", {.most = 40}).value_or("")};
  channel.name =
      input.maybe_text("name", {.most = 100})
          .value_or(channel.display_phone_number.empty() ? channel.phone_number_id : channel.display_phone_number);
  std::optional<std::string> token = input.text("accessToken", {.most = 2'048});
  check_token(input, token);
  if (auto fine = input.end(); !fine) return fail(fine.error());
  channel.sealed_access_token = sealed(keyring, *std::move(token));
  return channel;
}

awaitable<Result<Json>> make_channel(Shared& shared, store::Channel channel, Time now) {
  const auto key = sql::lane_key(channel.tenant);
  auto made = co_await shared.database.write(key, [channel = std::move(channel), now](sql::Connection& connection) {
    return insert(connection, channel, now);
  });
  if (!made) co_return fail(made.error());
  if (shared.parts.applier != nullptr) {
    shared.parts.applier->channels_changed();
    shared.parts.applier->channel_created(made->phone_number_id);
  }
  if (shared.parts.channel_created) shared.parts.channel_created(*made);
  co_return store::to_json(*made);
}

void add_channel_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/channels", list},
                  {"GET", "/api/channels/{id}", get},
                  {"POST", "/api/channels", create, store::Role::Admin},
                  {"PATCH", "/api/channels/{id}", patch, store::Role::Admin},
              });
}

}  // namespace waypost::api
