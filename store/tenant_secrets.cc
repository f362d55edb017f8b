#include "store/tenant_secrets.h"

namespace waypost::store {

void set_tenant_secret(sql::Connection& connection, const TenantSecret& secret, Time now) {
  connection.run(
      "INSERT INTO tenant_secret (tenant_id, name, secret, updated_at) VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id, "
      "name) DO UPDATE SET secret = excluded.secret, updated_at = excluded.updated_at",
      {secret.tenant, secret.name, sql::Bytes{secret.sealed}, now});
}

void drop_tenant_secret(sql::Connection& connection, TenantId tenant, std::string_view name) {
  connection.run("DELETE FROM tenant_secret WHERE tenant_id = $1 AND name = $2", {tenant, name});
}

bool has_tenant_secret(sql::Connection& connection, TenantId tenant, std::string_view name) {
  return !connection.run("SELECT name FROM tenant_secret WHERE tenant_id = $1 AND name = $2", {tenant, name}).empty();
}

Result<std::optional<Secret>> open_tenant_secret(sql::Connection& connection, const Keyring& keyring, TenantId tenant,
                                                 std::string_view name) {
  const auto rows =
      connection.run("SELECT secret FROM tenant_secret WHERE tenant_id = $1 AND name = $2", {tenant, name});
  if (rows.empty()) return std::nullopt;
  auto opened = keyring.open(rows.front().bytes(0), kTenantSecretPurpose);
  if (!opened) return fail(Error(std::move(opened).error()).with_code(std::string(kUnreadableSecret)));
  return *std::move(opened);
}

}  // namespace waypost::store
