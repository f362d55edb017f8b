// People and their memberships: who may sign in, and to which workspaces with which role. Lane only.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "sql/connection.h"

namespace waypost::store {

// An admin may do everything in a workspace; an agent talks with customers.
enum class Role { Agent, Admin };
std::string_view name_of(Role role);  // "agent", "admin"
std::optional<Role> role_named(std::string_view name);

struct Person {
  UserId id{};
  std::string email{};  // lower case, unique in the installation
  std::string name{};
  std::string password_hash{};
  bool installation_admin = false;
  Time created_at{};
  Time updated_at{};
};

// Without the password's hash.
Json to_json(const Person& person);

struct Membership {
  TenantId tenant{};
  std::string tenant_name{};
  Role role = Role::Agent;
};

// The workspace as its member sees it: {"id","name","role"}.
Json to_json(const Membership& membership);

// Conflict when the email is taken.
Result<Person> create_person(sql::Connection& connection, Person person, Time now);
std::optional<Person> find_person(sql::Connection& connection, UserId id);
std::optional<Person> person_of_email(sql::Connection& connection, std::string_view email);

// Makes the person a member, or changes the role.
void set_membership(sql::Connection& connection, TenantId tenant, UserId user, Role role, Time now);
std::optional<Role> role_in(sql::Connection& connection, TenantId tenant, UserId user);
// By the workspace's name.
std::vector<Membership> memberships_of(sql::Connection& connection, UserId user);

}  // namespace waypost::store
