#include "api/door.h"
#include "api/input.h"
#include "api/new_token.h"
#include "api/routes.h"

namespace waypost::api {

Result<store::ApiToken> read_new_token(Input& input, std::int64_t usual_requests) {
  store::ApiToken token{.name = input.text("name", {.most = 100}), .requests_per_minute = usual_requests};
  if (const auto requests = input.maybe_integer("requestsPerMinute", 1, 100'000)) token.requests_per_minute = *requests;
  const auto role = input.maybe_text("role");
  if (role && !store::role_named(*role)) input.complain("role", "Expected 'admin' | 'agent'");
  token.role = store::role_named(role.value_or("agent")).value_or(store::Role::Agent);
  if (auto fine = input.end(); !fine) return fail(fine.error());
  return token;
}

awaitable<Result<Json>> make_token(Shared& shared, store::ApiToken token, Time now) {
  const std::string secret = std::string(kTokenPrefix) + random_token(32);
  auto made = co_await shared.database.write(sql::lane_key(token.tenant),
                                             [token, hash = hash_of(secret), now](sql::Connection& connection) {
                                               return store::create_api_token(connection, token, hash, now);
                                             });
  if (!made) co_return fail(made.error());
  Json json = store::to_json(*made);
  json["token"] = secret;
  co_return json;
}

namespace {

awaitable<Result<Response>> create_token(Shared& shared, Call call) {
  auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  auto token = read_new_token(*input, shared.settings.api.token_requests_per_minute);
  if (!token) co_return fail(token.error());
  token->tenant = call.caller.tenant;
  token->created_by = call.caller.user;
  co_return respond(201, co_await make_token(shared, *std::move(token), call.now));
}

awaitable<Result<Response>> list_tokens(Shared& shared, Call call) {
  auto tokens = co_await shared.database.read(
      [tenant = call.caller.tenant](auto& connection) { return store::list_api_tokens(connection, tenant); });
  if (!tokens) co_return fail(tokens.error());
  Json items = Json::array();
  for (const auto& token : *tokens) items.push_back(store::to_json(token));
  co_return ok({{"items", std::move(items)}});
}

awaitable<Result<Response>> delete_token(Shared& shared, Call call) {
  const auto id = path_id<TokenId>(call.request);
  if (!id) co_return fail(id.error());
  const auto gone = co_await shared.database.write(
      sql::lane_key(call.caller.tenant), [tenant = call.caller.tenant, id = *id, now = call.now](auto& connection) {
        return store::revoke_api_token(connection, tenant, id, now);
      });
  if (!gone) co_return fail(gone.error());
  if (!*gone) co_return not_found();
  co_return ok({{"ok", true}});
}

}  // namespace

void add_token_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/tokens", list_tokens, store::Role::Admin},
                  {"POST", "/api/tokens", create_token, store::Role::Admin},
                  {"DELETE", "/api/tokens/{id}", delete_token, store::Role::Admin},
              });
}

}  // namespace waypost::api
