#include <algorithm>

#include "api/door.h"
#include "api/input.h"
#include "api/new_channel.h"
#include "api/new_token.h"
#include "api/routes.h"
#include "base/text.h"
#include "store/nodes.h"
#include "store/tenants.h"
#include "store/webhook_apps.h"
#include "webhook/app_directory.h"

namespace waypost::api {
namespace {

constexpr std::size_t kLeastPassword = 8;

Json items_of(Json items) { return {{"items", std::move(items)}}; }

// The workspace that a request names. InvalidInput is collected in `input`.
TenantId read_workspace(Input& input) {
  const std::string text = input.text("workspaceId");
  const auto id = TenantId::parse(text);
  if (!id && !text.empty()) input.complain("workspaceId", "Invalid uuid");
  return id.value_or(TenantId{});
}

awaitable<Result<void>> must_exist(Shared& shared, TenantId tenant) {
  const auto row =
      co_await shared.database.read([tenant](auto& connection) { return store::find_tenant(connection, tenant); });
  if (!row) co_return fail(row.error());
  if (!*row) co_return fail(ErrorKind::NotFound, "No such workspace");
  co_return Result<void>();
}

awaitable<Result<Response>> create_workspace(Shared& shared, Request request) {
  auto input = Input::of(request);
  if (!input) co_return fail(input.error());
  const std::string name = input->text("name", {.most = 200});
  if (auto fine = input->end(); !fine) co_return fail(fine.error());
  const auto made = co_await shared.database.write(
      0, [name, now = shared.clock.now()](auto& connection) { return store::create_tenant(connection, name, now); });
  if (!made) co_return fail(made.error());
  co_return created(store::to_json(*made));
}

awaitable<Result<Response>> list_workspaces(Shared& shared, Request) {
  const auto rows =
      co_await shared.database.read([](sql::Connection& connection) { return store::list_tenants(connection); });
  if (!rows) co_return fail(rows.error());
  Json items = Json::array();
  for (const auto& row : *rows) items.push_back(store::to_json(row));
  co_return ok(items_of(std::move(items)));
}

struct NewMember {
  store::Person person{};
  std::optional<TenantId> tenant{};
  store::Role role = store::Role::Agent;
};

void read_member(Input& input, NewMember& member) {
  member.person.email = lower_ascii(input.text("email", {.most = 320}));
  if (!member.person.email.empty() && !member.person.email.contains('@'))
    input.complain("email", "Invalid email address");
  member.person.installation_admin = input.maybe_bool("installationAdmin").value_or(false);
  if (input.has("workspaceId")) member.tenant = read_workspace(input);
  const auto role = input.maybe_text("role");
  if (role && !store::role_named(*role)) input.complain("role", "Expected 'admin' | 'agent'");
  member.role = store::role_named(role.value_or("agent")).value_or(store::Role::Agent);
}

Json member_json(const store::Person& person, const NewMember& member) {
  Json json = store::to_json(person);
  json["workspaceId"] = member.tenant ? Json(member.tenant->text()) : Json();
  json["role"] = store::name_of(member.role);
  return json;
}

Result<Json> join(sql::Connection& connection, const store::Person& person, const NewMember& member, Time now) {
  if (member.tenant && !store::find_tenant(connection, *member.tenant))
    return fail(ErrorKind::NotFound, "No such workspace");
  if (member.tenant) store::set_membership(connection, *member.tenant, person.id, member.role, now);
  return member_json(person, member);
}

// Somebody who exists, be it for a moment, is only made a member; the password given is not looked at.
Result<Json> insert_user(sql::Connection& connection, const NewMember& member, Time now) {
  auto person = store::create_person(connection, member.person, now);
  if (person) return join(connection, *person, member, now);
  const auto known = store::person_of_email(connection, member.person.email);
  if (!known || !member.tenant) return fail(std::move(person).error());
  return join(connection, *known, member, now);
}

awaitable<Result<Response>> create_user(Shared& shared, Request request) {
  auto input = Input::of(request);
  if (!input) co_return fail(input.error());
  NewMember member;
  read_member(*input, member);
  Secret password(input->text("password", {.least = kLeastPassword, .most = 1024, .trim = false}));
  member.person.name = input->maybe_text("name", {.most = 200}).value_or(member.person.email);
  if (auto fine = input->end(); !fine) co_return fail(fine.error());
  auto hashed = co_await shared.passwords.hash(std::move(password));
  if (!hashed) co_return fail(hashed.error());
  member.person.password_hash = *std::move(hashed);
  co_return respond(201, co_await shared.database.write(0, [member, now = shared.clock.now()](auto& connection) {
    return insert_user(connection, member, now);
  }));
}

struct NewApp {
  store::NewWebhookApp app{};
  std::optional<Secret> previous{};
};

// The earlier secret is saved first, so that it ends as the previous one of the newer.
Result<Json> save_app(sql::Connection& connection, const NewApp& asked, const Keyring& keyring, Time now) {
  if (asked.previous) {
    store::NewWebhookApp earlier = asked.app;
    earlier.secret = *asked.previous;
    auto saved = store::save_webhook_app(connection, earlier, keyring, now);
    if (!saved) return fail(std::move(saved).error());
  }
  auto saved = store::save_webhook_app(connection, asked.app, keyring, now);
  if (!saved) return fail(std::move(saved).error());
  return store::to_json(*saved);
}

awaitable<Result<Response>> create_app(Shared& shared, Request request) {
  auto input = Input::of(request);
  if (!input) co_return fail(input.error());
  NewApp asked{.app = {.name = input->maybe_text("name", {.most = 64}).value_or(std::string(kDefaultApp)),
                       .verify_token = Secret(input->text("verifyToken", {.most = 1024})),
                       .secret = Secret(input->text("secret", {.most = 1024}))}};
  if (auto previous = input->maybe_text("previousSecret", {.most = 1024}))
    asked.previous = Secret(*std::move(previous));
  if (auto fine = input->end(); !fine) co_return fail(fine.error());
  auto saved = co_await shared.database.write(
      0, [asked, &keyring = shared.keyring, now = shared.clock.now()](sql::Connection& connection) {
        return save_app(connection, asked, keyring, now);
      });
  if (!saved) co_return fail(saved.error());
  if (shared.parts.apps != nullptr) {
    const auto reloaded = co_await shared.parts.apps->reload(shared.database);
    if (!reloaded) co_return fail(reloaded.error());
  }
  co_return created(*saved);
}

awaitable<Result<Response>> list_apps(Shared& shared, Request) {
  const auto rows =
      co_await shared.database.read([](sql::Connection& connection) { return store::list_webhook_apps(connection); });
  if (!rows) co_return fail(rows.error());
  Json items = Json::array();
  for (const auto& row : *rows) items.push_back(store::to_json(row));
  co_return ok(items_of(std::move(items)));
}

awaitable<Result<Response>> create_channel(Shared& shared, Request request) {
  auto input = Input::of(request);
  if (!input) co_return fail(input.error());
  const auto tenant = read_workspace(*input);
  auto channel = read_new_channel(*input, shared.keyring);
  if (!channel) co_return fail(channel.error());
  if (auto there = co_await must_exist(shared, tenant); !there) co_return fail(there.error());
  channel->tenant = tenant;
  co_return respond(201, co_await make_channel(shared, *std::move(channel), shared.clock.now()));
}

awaitable<Result<Response>> list_channels(Shared& shared, Request) {
  const auto rows =
      co_await shared.database.read([](sql::Connection& connection) { return store::all_channels(connection); });
  if (!rows) co_return fail(rows.error());
  Json items = Json::array();
  for (const auto& row : *rows) {
    Json item = store::to_json(row);
    item["workspaceId"] = row.tenant.text();
    items.push_back(std::move(item));
  }
  co_return ok(items_of(std::move(items)));
}

awaitable<Result<Response>> create_token(Shared& shared, Request request) {
  auto input = Input::of(request);
  if (!input) co_return fail(input.error());
  const auto tenant = read_workspace(*input);
  auto token = read_new_token(*input, shared.settings.api.token_requests_per_minute);
  if (!token) co_return fail(token.error());
  if (auto there = co_await must_exist(shared, tenant); !there) co_return fail(there.error());
  token->tenant = tenant;
  co_return respond(201, co_await make_token(shared, *std::move(token), shared.clock.now()));
}

awaitable<Result<Response>> list_nodes(Shared& shared, Request) {
  const auto rows =
      co_await shared.database.read([](sql::Connection& connection) { return store::list_nodes(connection); });
  if (!rows) co_return fail(rows.error());
  Json items = Json::array();
  for (const auto& row : *rows) items.push_back(store::to_json(row, shared.clock.now()));
  co_return ok(items_of(std::move(items)));
}

}  // namespace

void add_admin_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<OpenEntry>{
                  {"GET", "/admin/workspaces", list_workspaces},
                  {"POST", "/admin/workspaces", create_workspace},
                  {"POST", "/admin/users", create_user},
                  {"GET", "/admin/apps", list_apps},
                  {"POST", "/admin/apps", create_app},
                  {"GET", "/admin/channels", list_channels},
                  {"POST", "/admin/channels", create_channel},
                  {"POST", "/admin/tokens", create_token},
                  {"GET", "/admin/nodes", list_nodes},
              });
}

}  // namespace waypost::api
