// A workspace's secrets that are settings, sealed: the language model's key. Written by the API, never shown. Lane
// only.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/crypto.h"
#include "sql/connection.h"

namespace waypost::store {

inline constexpr std::string_view kUnreadableSecret = "secret_unreadable";

struct TenantSecret {
  TenantId tenant{};
  std::string name{};  // "ai"
  std::string sealed{};
};

// The purpose of Keyring::seal.
inline constexpr std::string_view kTenantSecretPurpose = "tenant_secret.secret";

void set_tenant_secret(sql::Connection& connection, const TenantSecret& secret, Time now);
void drop_tenant_secret(sql::Connection& connection, TenantId tenant, std::string_view name);
bool has_tenant_secret(sql::Connection& connection, TenantId tenant, std::string_view name);
// Nothing: there is none. Internal with the code kUnreadableSecret: it was sealed under a key that the keyring does not
// hold.
Result<std::optional<Secret>> open_tenant_secret(sql::Connection& connection, const Keyring& keyring, TenantId tenant,
                                                 std::string_view name);

}  // namespace waypost::store
