#include "store/tenants.h"

#include "store/row_lock.h"

namespace waypost::store {
namespace {

constexpr std::string_view kColumns = "id, name, fallback_template, settings, created_at, updated_at";

Json fallback_json(const FallbackTemplate& fallback) {
  return {{"name", fallback.name}, {"language", fallback.language}, {"parameters", fallback.parameters}};
}

std::optional<FallbackTemplate> read_fallback(const sql::Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  const Json json = row.json(column);
  const Json* parameters = find_array(json, "parameters");
  return FallbackTemplate{.name = text_or_empty(json, "name"),
                          .language = text_or_empty(json, "language"),
                          .parameters = parameters ? *parameters : Json::array()};
}

Tenant read_tenant(const sql::Row& row) {
  return {.id = row.id<TenantId>(0),
          .name = row.text(1),
          .fallback = read_fallback(row, 2),
          .settings = row.json(3),
          .created_at = row.time(4),
          .updated_at = row.time(5)};
}

}  // namespace

Json to_json(const Tenant& tenant) {
  return {{"id", tenant.id.text()},
          {"name", tenant.name},
          {"fallbackTemplate", tenant.fallback ? fallback_json(*tenant.fallback) : Json()},
          {"settings", tenant.settings},
          {"createdAt", iso8601(tenant.created_at)},
          {"updatedAt", iso8601(tenant.updated_at)}};
}

Tenant create_tenant(sql::Connection& connection, std::string_view name, Time now) {
  Tenant tenant{.id = TenantId::make(now), .name = std::string(name), .created_at = now, .updated_at = now};
  connection.run(
      "INSERT INTO tenant (id, name, fallback_template, settings, created_at, updated_at) VALUES ($1, $2, NULL, $3, "
      "$4, $4)",
      {tenant.id, name, sql::JsonText{"{}"}, now});
  return tenant;
}

std::optional<Tenant> find_tenant(sql::Connection& connection, TenantId id) {
  static const std::string kText = "SELECT " + std::string(kColumns) + " FROM tenant WHERE id = $1";
  const auto rows = connection.run(kText, {id});
  if (rows.empty()) return std::nullopt;
  return read_tenant(rows.front());
}

std::vector<Tenant> list_tenants(sql::Connection& connection) {
  static const std::string kText = "SELECT " + std::string(kColumns) + " FROM tenant ORDER BY name, id";
  std::vector<Tenant> tenants;
  for (const auto row : connection.run(kText)) tenants.push_back(read_tenant(row));
  return tenants;
}

void rename_tenant(sql::Connection& connection, TenantId id, std::string_view name, Time now) {
  connection.run("UPDATE tenant SET name = $2, updated_at = $3 WHERE id = $1", {id, name, now});
}

void set_fallback(sql::Connection& connection, TenantId id, const std::optional<FallbackTemplate>& fallback, Time now) {
  const std::string json = fallback ? dump(fallback_json(*fallback)) : std::string();
  connection.run("UPDATE tenant SET fallback_template = $2, updated_at = $3 WHERE id = $1",
                 {id, fallback ? sql::Value(sql::JsonText{json}) : sql::Value::null(sql::Type::Json), now});
}

void set_setting(sql::Connection& connection, TenantId id, std::string_view name, const Json& value, Time now) {
  static const LockableText kText("SELECT settings FROM tenant WHERE id = $1");
  const auto rows = connection.run(kText.of(connection.engine(), Lock::UntilCommit), {id});
  if (rows.empty()) return;
  Json settings = rows.front().json(0);
  if (value.is_null()) {
    settings.erase(std::string(name));
  } else {
    settings[std::string(name)] = value;
  }
  connection.run("UPDATE tenant SET settings = $2, updated_at = $3 WHERE id = $1",
                 {id, sql::JsonText{dump(settings)}, now});
}

}  // namespace waypost::store
