#include "store/api_tokens.h"

namespace waypost::store {
namespace {

const std::string& select_tokens() {
  static const std::string kText =
      "SELECT tenant_id, id, name, role, requests_per_minute, created_by, created_at, last_used_at FROM api_token ";
  return kText;
}

ApiToken read_token(const sql::Row& row) {
  return {.tenant = row.id<TenantId>(0),
          .id = row.id<TokenId>(1),
          .name = row.text(2),
          .role = role_named(row.text(3)).value_or(Role::Agent),
          .requests_per_minute = row.number(4),
          .created_by = row.maybe_id<UserId>(5),
          .created_at = row.time(6),
          .last_used_at = row.maybe_time(7)};
}

}  // namespace

Json to_json(const ApiToken& token) {
  return {{"id", token.id.text()},
          {"name", token.name},
          {"role", name_of(token.role)},
          {"requestsPerMinute", token.requests_per_minute},
          {"createdByUserId", token.created_by ? Json(token.created_by->text()) : Json()},
          {"lastUsedAt", token.last_used_at ? Json(iso8601(*token.last_used_at)) : Json()},
          {"createdAt", iso8601(token.created_at)}};
}

ApiToken create_api_token(sql::Connection& connection, ApiToken token, std::string_view token_hash, Time now) {
  token.id = TokenId::make(now);
  token.created_at = now;
  connection.run(
      "INSERT INTO api_token (tenant_id, id, name, role, token_hash, requests_per_minute, created_by, created_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {token.tenant, token.id, token.name, name_of(token.role), sql::Bytes{token_hash}, token.requests_per_minute,
       token.created_by, now});
  return token;
}

std::optional<ApiToken> api_token_of(sql::Connection& connection, std::string_view token_hash) {
  static const std::string kText = select_tokens() + "WHERE token_hash = $1 AND revoked_at IS NULL";
  const auto rows = connection.run(kText, {sql::Bytes{token_hash}});
  if (rows.empty()) return std::nullopt;
  return read_token(rows.front());
}

std::vector<ApiToken> list_api_tokens(sql::Connection& connection, TenantId tenant) {
  static const std::string kText =
      select_tokens() + "WHERE tenant_id = $1 AND revoked_at IS NULL ORDER BY created_at DESC, id DESC";
  std::vector<ApiToken> tokens;
  for (const auto row : connection.run(kText, {tenant})) tokens.push_back(read_token(row));
  return tokens;
}

bool revoke_api_token(sql::Connection& connection, TenantId tenant, TokenId id, Time now) {
  return connection
             .run("UPDATE api_token SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL",
                  {tenant, id, now})
             .changed() > 0;
}

void note_api_token_use(sql::Connection& connection, TenantId tenant, TokenId id, Time now) {
  connection.run("UPDATE api_token SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2", {tenant, id, now});
}

}  // namespace waypost::store
