#include "store/credentials.h"

#include <utility>

#include "sql/dialect.h"

namespace waypost::store {
namespace {

constexpr std::string_view kSelect =
    "SELECT tenant_id, id, name, kind, parameter, secret, hosts, created_at, updated_at FROM credential WHERE "
    "tenant_id = $1";

std::vector<std::string> texts_of(const Json& list) {
  std::vector<std::string> texts;
  for (const auto& text : list) {
    if (text.is_string()) texts.push_back(text.get<std::string>());
  }
  return texts;
}

Credential read_credential(const sql::Row& row) {
  return {.tenant = row.id<TenantId>(0),
          .id = row.id<CredentialId>(1),
          .name = row.text(2),
          .kind = credential_kind(row.text(3)).value_or(CredentialKind::Bearer),
          .parameter = row.maybe_text(4),
          .sealed_secret = row.bytes(5),
          .hosts = texts_of(row.json(6)),
          .created_at = row.time(7),
          .updated_at = row.time(8)};
}

std::optional<Credential> read_one(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_credential(rows.front());
}

std::unexpected<Error> taken() { return fail(ErrorKind::Conflict, "another credential has this name"); }

}  // namespace

std::string_view name_of(CredentialKind kind) {
  switch (kind) {
    case CredentialKind::Bearer:
      return "bearer";
    case CredentialKind::Basic:
      return "basic";
    case CredentialKind::Header:
      return "header";
    case CredentialKind::Query:
      return "query";
  }
}

std::optional<CredentialKind> credential_kind(std::string_view name) {
  for (const auto kind :
       {CredentialKind::Bearer, CredentialKind::Basic, CredentialKind::Header, CredentialKind::Query}) {
    if (name_of(kind) == name) return kind;
  }
  return std::nullopt;
}

Json to_json(const Credential& credential) {
  return {{"id", credential.id.text()},
          {"name", credential.name},
          {"kind", name_of(credential.kind)},
          {"parameter", credential.parameter ? Json(*credential.parameter) : Json()},
          {"hosts", credential.hosts},
          {"createdAt", iso8601(credential.created_at)},
          {"updatedAt", iso8601(credential.updated_at)}};
}

Result<Credential> create_credential(sql::Connection& connection, Credential credential, Time now) {
  credential.id = CredentialId::make(now);
  credential.created_at = credential.updated_at = now;
  const auto rows = connection.run(
      "INSERT INTO credential (tenant_id, id, name, kind, parameter, secret, hosts, created_at, updated_at) VALUES "
      "($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (tenant_id, name) DO NOTHING RETURNING id",
      {credential.tenant, credential.id, credential.name, name_of(credential.kind), credential.parameter,
       sql::Bytes{credential.sealed_secret}, sql::JsonText{dump(Json(credential.hosts))}, now});
  if (rows.empty()) return taken();
  return credential;
}

std::optional<Credential> find_credential(sql::Connection& connection, TenantId tenant, CredentialId id) {
  static const std::string kText = std::string(kSelect) + " AND id = $2";
  return read_one(connection.run(kText, {tenant, id}));
}

std::optional<Credential> lock_credential(sql::Connection& connection, TenantId tenant, CredentialId id) {
  const std::string text = std::string(kSelect) + " AND id = $2" + std::string(sql::for_update(connection.engine()));
  return read_one(connection.run(text, {tenant, id}));
}

std::vector<Credential> list_credentials(sql::Connection& connection, TenantId tenant) {
  static const std::string kText = std::string(kSelect) + " ORDER BY name, id";
  std::vector<Credential> all;
  for (const auto row : connection.run(kText, {tenant})) all.push_back(read_credential(row));
  return all;
}

Result<Credential> update_credential(sql::Connection& connection, Credential credential, Time now) {
  const auto namesakes = connection.run("SELECT id FROM credential WHERE tenant_id = $1 AND name = $2 AND id <> $3",
                                        {credential.tenant, credential.name, credential.id});
  if (!namesakes.empty()) return taken();
  credential.updated_at = now;
  connection.run(
      "UPDATE credential SET name = $3, kind = $4, parameter = $5, secret = $6, hosts = $7, updated_at = $8 WHERE "
      "tenant_id = $1 AND id = $2",
      {credential.tenant, credential.id, credential.name, name_of(credential.kind), credential.parameter,
       sql::Bytes{credential.sealed_secret}, sql::JsonText{dump(Json(credential.hosts))}, now});
  return credential;
}

bool delete_credential(sql::Connection& connection, TenantId tenant, CredentialId id) {
  return connection.run("DELETE FROM credential WHERE tenant_id = $1 AND id = $2", {tenant, id}).changed() > 0;
}

}  // namespace waypost::store
