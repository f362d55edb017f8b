// Workspaces (tenants) and their settings. Lane only.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "sql/connection.h"

namespace waypost::store {

// The approved template that goes out instead of a free-form message outside the window.
struct FallbackTemplate {
  std::string name{};
  std::string language{};
  Json parameters = Json::array();  // texts of the body's parameters; "{{text}}" stands for the held message's text
};

struct Tenant {
  TenantId id{};
  std::string name{};
  std::optional<FallbackTemplate> fallback{};
  Json settings = Json::object();
  Time created_at{};
  Time updated_at{};
};

Json to_json(const Tenant& tenant);

Tenant create_tenant(sql::Connection& connection, std::string_view name, Time now);
std::optional<Tenant> find_tenant(sql::Connection& connection, TenantId id);
std::vector<Tenant> list_tenants(sql::Connection& connection);
void rename_tenant(sql::Connection& connection, TenantId id, std::string_view name, Time now);
// Nothing clears it.
void set_fallback(sql::Connection& connection, TenantId id, const std::optional<FallbackTemplate>& fallback, Time now);

// One of its settings; null takes it away, so that the default holds.
void set_setting(sql::Connection& connection, TenantId id, std::string_view name, const Json& value, Time now);

}  // namespace waypost::store
