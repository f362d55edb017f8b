// API tokens: a program's key to one workspace, known by its hash. Lane only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"
#include "store/people.h"

namespace waypost::store {

struct ApiToken {
  TenantId tenant{};
  TokenId id{};
  std::string name{};
  Role role = Role::Agent;
  std::int64_t requests_per_minute = 600;
  std::optional<UserId> created_by{};
  Time created_at{};
  std::optional<Time> last_used_at{};  // to ten minutes
};

// Without the token, which is shown once, when it is made.
Json to_json(const ApiToken& token);

// `token_hash`: 32 bytes, SHA-256 of the token.
ApiToken create_api_token(sql::Connection& connection, ApiToken token, std::string_view token_hash, Time now);
// Whose token this is; not revoked. The tenant is what is looked for here.
std::optional<ApiToken> api_token_of(sql::Connection& connection, std::string_view token_hash);
// Newest first, revoked ones left out.
std::vector<ApiToken> list_api_tokens(sql::Connection& connection, TenantId tenant);
// False when it is not there, or was revoked before.
bool revoke_api_token(sql::Connection& connection, TenantId tenant, TokenId id, Time now);
void note_api_token_use(sql::Connection& connection, TenantId tenant, TokenId id, Time now);

}  // namespace waypost::store
