#include "store/saved_filters.h"

#include "store/filter_sql.h"

namespace waypost::store {
namespace {

constexpr std::string_view kColumns = "tenant_id, id, name, filters, created_at, updated_at";

SavedFilter read_saved(const sql::Row& row) {
  return {.tenant = row.id<TenantId>(0),
          .id = row.id<SavedFilterId>(1),
          .name = row.text(2),
          .filters = row.json(3),
          .created_at = row.time(4),
          .updated_at = row.time(5)};
}

// The WHERE of its contacts.
std::string members(BoundText& bound, TenantId tenant, const ContactFilter& filter) {
  const auto of = bound.bind(tenant);
  return "WHERE contact.tenant_id = " + of + " AND contact.merged_into IS NULL AND contact.group_id IS NULL AND " +
         condition_of(bound, filter);
}

}  // namespace

Json to_json(const SavedFilter& saved) {
  return {{"id", saved.id.text()},
          {"name", saved.name},
          {"filters", saved.filters},
          {"createdAt", iso8601(saved.created_at)},
          {"updatedAt", iso8601(saved.updated_at)}};
}

SavedFilter create_saved_filter(sql::Connection& connection, SavedFilter saved, Time now) {
  saved.id = SavedFilterId::make(now);
  saved.created_at = saved.updated_at = now;
  connection.run(
      "INSERT INTO saved_filter (tenant_id, id, name, filters, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
      {saved.tenant, saved.id, saved.name, sql::JsonText{dump(saved.filters)}, now});
  return saved;
}

std::optional<SavedFilter> find_saved_filter(sql::Connection& connection, TenantId tenant, SavedFilterId id) {
  static const std::string kText =
      "SELECT " + std::string(kColumns) + " FROM saved_filter WHERE tenant_id = $1 AND id = $2";
  const auto rows = connection.run(kText, {tenant, id});
  if (rows.empty()) return std::nullopt;
  return read_saved(rows.front());
}

std::vector<SavedFilter> list_saved_filters(sql::Connection& connection, TenantId tenant) {
  static const std::string kText =
      "SELECT " + std::string(kColumns) + " FROM saved_filter WHERE tenant_id = $1 ORDER BY name, id";
  std::vector<SavedFilter> all;
  for (const auto row : connection.run(kText, {tenant})) all.push_back(read_saved(row));
  return all;
}

bool update_saved_filter(sql::Connection& connection, const SavedFilter& saved, Time now) {
  return connection
             .run("UPDATE saved_filter SET name = $3, filters = $4, updated_at = $5 WHERE tenant_id = $1 AND id = $2",
                  {saved.tenant, saved.id, saved.name, sql::JsonText{dump(saved.filters)}, now})
             .changed() > 0;
}

bool delete_saved_filter(sql::Connection& connection, TenantId tenant, SavedFilterId id) {
  return connection.run("DELETE FROM saved_filter WHERE tenant_id = $1 AND id = $2", {tenant, id}).changed() > 0;
}

std::vector<Contact> contacts_of(sql::Connection& connection, TenantId tenant, const ContactFilter& filter,
                                 const Page& page) {
  BoundText bound(connection.engine());
  const auto where = members(bound, tenant, filter);
  const auto text = "SELECT contact.id FROM contact " + where + " ORDER BY contact.created_at DESC, contact.id DESC " +
                    "LIMIT " + bound.bind(page.limit) + " OFFSET " + bound.bind(page.offset);
  std::vector<Contact> contacts;
  for (const auto row : connection.run(text, bound.values())) {
    if (auto contact = find_contact(connection, tenant, row.id<ContactId>(0))) contacts.push_back(*std::move(contact));
  }
  return contacts;
}

std::int64_t count_contacts_of(sql::Connection& connection, TenantId tenant, const ContactFilter& filter,
                               std::int64_t most) {
  BoundText bound(connection.engine());
  const auto where = members(bound, tenant, filter);
  const auto text =
      "SELECT count(*) FROM (SELECT contact.id FROM contact " + where + " LIMIT " + bound.bind(most) + ") AS counted";
  return connection.run(text, bound.values()).front().number(0);
}

}  // namespace waypost::store
