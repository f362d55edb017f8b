// Credentials: what a workflow's HTTP requests sign in with. The secret is sealed, and shown to nobody. Lane only.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "sql/connection.h"

namespace waypost::store {

inline constexpr std::string_view kCredentialPurpose = "credential.secret";  // of Keyring::seal

// How it signs in: "Authorization: Bearer …", "Authorization: Basic …" with the parameter as user, a header or a query
// parameter of the parameter's name.
enum class CredentialKind { Bearer, Basic, Header, Query };
std::string_view name_of(CredentialKind kind);  // "bearer" …
std::optional<CredentialKind> credential_kind(std::string_view name);

struct Credential {
  TenantId tenant{};
  CredentialId id{};
  std::string name{};  // one of its workspace's own
  CredentialKind kind = CredentialKind::Bearer;
  std::optional<std::string> parameter{};  // none of a bearer
  std::string sealed_secret{};
  std::vector<std::string> hosts{};  // where it may go, "host" or "host:port"; empty: anywhere
  Time created_at{};
  Time updated_at{};
};
// {id, name, kind, parameter, hosts, createdAt, updatedAt}
Json to_json(const Credential& credential);

// Conflict when the workspace has one of that name.
Result<Credential> create_credential(sql::Connection& connection, Credential credential, Time now);
std::optional<Credential> find_credential(sql::Connection& connection, TenantId tenant, CredentialId id);
// The same for a unit that changes it: nobody else does until this unit's end.
std::optional<Credential> lock_credential(sql::Connection& connection, TenantId tenant, CredentialId id);
std::vector<Credential> list_credentials(sql::Connection& connection, TenantId tenant);  // by name
// Writes all but its id of one from lock_credential(). Conflict when another has the name.
Result<Credential> update_credential(sql::Connection& connection, Credential credential, Time now);
// False when it is not there. Workflows that name it stay: their requests fail from now on.
bool delete_credential(sql::Connection& connection, TenantId tenant, CredentialId id);

}  // namespace waypost::store
