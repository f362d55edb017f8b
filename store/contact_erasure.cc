#include "store/contacts.h"
#include "store/counters.h"
#include "store/events.h"

namespace waypost::store {
namespace {

std::int64_t number_of(sql::Connection& connection, std::string_view text, TenantId tenant, ContactId contact) {
  return connection.run(text, {tenant, contact}).front().number(0);
}

// What hangs on one contact's row, children before parents. The run's trigger and steps are found by their parents, so
// they go first.
void erase_row(sql::Connection& connection, TenantId tenant, ContactId contact) {
  const std::initializer_list<sql::Value> of{tenant, contact};
  const auto conversations = number_of(
      connection, "SELECT count(*) FROM conversation WHERE tenant_id = $1 AND contact_id = $2 AND merged_into IS NULL",
      tenant, contact);
  connection.run(
      "DELETE FROM run_trigger WHERE tenant_id = $1 AND conversation_id IN "
      "(SELECT id FROM conversation WHERE tenant_id = $1 AND contact_id = $2)",
      of);
  connection.run(
      "DELETE FROM step WHERE tenant_id = $1 AND run_id IN (SELECT id FROM run WHERE tenant_id = $1 AND contact_id = "
      "$2)",
      of);
  const auto runs = connection.run("DELETE FROM run WHERE tenant_id = $1 AND contact_id = $2", of).changed();
  connection.run(
      "DELETE FROM message WHERE tenant_id = $1 AND conversation_id IN "
      "(SELECT id FROM conversation WHERE tenant_id = $1 AND contact_id = $2)",
      of);
  connection.run("DELETE FROM broadcast_recipient WHERE tenant_id = $1 AND contact_id = $2", of);
  connection.run("DELETE FROM conversation WHERE tenant_id = $1 AND contact_id = $2", of);
  connection.run("DELETE FROM contact_alias WHERE tenant_id = $1 AND contact_id = $2", of);
  connection.run("DELETE FROM contact WHERE tenant_id = $1 AND id = $2", of);
  if (runs > 0) count(connection, tenant, "runs", -runs);
  if (conversations > 0) count(connection, tenant, "conversations", -conversations);
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as contacts were merged one into another.
void erase_family(sql::Connection& connection, TenantId tenant, ContactId id) {
  const auto merged = connection.run(
      "SELECT id FROM contact WHERE tenant_id = $1 AND merged_into = $2 AND merged_into IS NOT NULL", {tenant, id});
  for (const auto row : merged) erase_family(connection, tenant, row.id<ContactId>(0));
  erase_row(connection, tenant, id);
}

}  // namespace

bool delete_contact(sql::Connection& connection, TenantId tenant, ContactId id, Time now) {
  const auto contact = find_contact(connection, tenant, id);
  if (!contact) return false;
  erase_family(connection, tenant, id);
  if (!contact->merged_into) count(connection, tenant, "contacts", -1);
  const std::string payload = dump({{"contact", {{"id", id.text()}}}});
  append_event(connection, tenant, {.type = "contact.deleted", .conversation = std::nullopt, .payload = payload}, now);
  return true;
}

}  // namespace waypost::store
