#include "store/people.h"

namespace waypost::store {
namespace {

const std::string& select_people() {
  static const std::string kText =
      "SELECT id, email, name, password_hash, installation_admin, created_at, updated_at FROM person ";
  return kText;
}

std::optional<Person> read_one(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  const auto row = rows.front();
  return Person{.id = row.id<UserId>(0),
                .email = row.text(1),
                .name = row.text(2),
                .password_hash = row.text(3),
                .installation_admin = row.boolean(4),
                .created_at = row.time(5),
                .updated_at = row.time(6)};
}

}  // namespace

std::string_view name_of(Role role) {
  switch (role) {
    case Role::Agent:
      return "agent";
    case Role::Admin:
      return "admin";
  }
}

std::optional<Role> role_named(std::string_view name) {
  if (name == "agent") return Role::Agent;
  if (name == "admin") return Role::Admin;
  return std::nullopt;
}

Json to_json(const Person& person) {
  return {{"id", person.id.text()},
          {"email", person.email},
          {"name", person.name},
          {"createdAt", iso8601(person.created_at)},
          {"updatedAt", iso8601(person.updated_at)}};
}

Json to_json(const Membership& membership) {
  return {{"id", membership.tenant.text()}, {"name", membership.tenant_name}, {"role", name_of(membership.role)}};
}

Result<Person> create_person(sql::Connection& connection, Person person, Time now) {
  person.id = UserId::make(now);
  person.created_at = person.updated_at = now;
  const auto rows = connection.run(
      "INSERT INTO person (id, email, name, password_hash, installation_admin, created_at, updated_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (email) DO NOTHING RETURNING id",
      {person.id, person.email, person.name, person.password_hash, person.installation_admin, now});
  if (rows.empty()) return fail(ErrorKind::Conflict, "a person with this email exists already");
  return person;
}

std::optional<Person> find_person(sql::Connection& connection, UserId id) {
  static const std::string kText = select_people() + "WHERE id = $1";
  return read_one(connection.run(kText, {id}));
}

std::optional<Person> person_of_email(sql::Connection& connection, std::string_view email) {
  static const std::string kText = select_people() + "WHERE email = $1";
  return read_one(connection.run(kText, {email}));
}

void set_membership(sql::Connection& connection, TenantId tenant, UserId user, Role role, Time now) {
  connection.run(
      "INSERT INTO membership (tenant_id, user_id, role, created_at) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT (tenant_id, user_id) DO UPDATE SET role = excluded.role",
      {tenant, user, name_of(role), now});
}

std::optional<Role> role_in(sql::Connection& connection, TenantId tenant, UserId user) {
  const auto rows = connection.run("SELECT role FROM membership WHERE tenant_id = $1 AND user_id = $2", {tenant, user});
  if (rows.empty()) return std::nullopt;
  return role_named(rows.front().text(0));
}

std::vector<Membership> memberships_of(sql::Connection& connection, UserId user) {
  std::vector<Membership> memberships;
  const auto rows = connection.run(
      "SELECT m.tenant_id, t.name, m.role FROM membership AS m JOIN tenant AS t ON t.id = m.tenant_id "
      "WHERE m.user_id = $1 ORDER BY t.name, t.id",
      {user});
  for (const auto row : rows) {
    memberships.push_back({.tenant = row.id<TenantId>(0),
                           .tenant_name = row.text(1),
                           .role = role_named(row.text(2)).value_or(Role::Agent)});
  }
  return memberships;
}

}  // namespace waypost::store
