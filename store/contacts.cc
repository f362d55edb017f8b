#include "store/contacts.h"

#include "base/or_null.h"
#include "store/counters.h"
#include "store/events.h"

namespace waypost::store {
namespace {

constexpr int kMostMerges = 8;  // followed from an old id to the contact that is left

const std::string& select_contacts() {
  static const std::string kText =
      "SELECT tenant_id, id, name, profile_name, username, phone, user_id, language, opted_out, marketing_stopped, "
      "fields, tags, merged_into, created_at, updated_at, marketing_said_at, opt_said_at, book_name, book_said_at, "
      "group_id, embargo_until FROM contact ";
  return kText;
}

Contact read_contact(const sql::Row& row) {
  return {.tenant = row.id<TenantId>(0),
          .id = row.id<ContactId>(1),
          .name = row.maybe_text(2),
          .book_name = row.maybe_text(17),
          .book_said_at = row.maybe_time(18),
          .profile_name = row.maybe_text(3),
          .username = row.maybe_text(4),
          .phone = row.maybe_text(5),
          .user_id = row.maybe_text(6),
          .group_id = row.maybe_text(19),
          .language = row.maybe_text(7),
          .opted_out = row.boolean(8),
          .opt_said_at = row.maybe_time(16),
          .marketing_stopped = row.boolean(9),
          .marketing_said_at = row.maybe_time(15),
          .embargo_until = row.maybe_time(20),
          .fields = row.json(10),
          .tags = row.json(11),
          .merged_into = row.maybe_id<ContactId>(12),
          .created_at = row.time(13),
          .updated_at = row.time(14)};
}

void tell(sql::Connection& connection, std::string_view type, const Contact& contact, Time now) {
  const std::string payload = dump({{"contact", to_json(contact)}});
  append_event(connection, contact.tenant, {.type = type, .conversation = std::nullopt, .payload = payload}, now);
}

bool tell_updated(sql::Connection& connection, Contact contact, const sql::Rows& rows, Time now) {
  if (rows.changed() == 0) return false;
  contact.updated_at = now;
  tell(connection, "contact.updated", contact, now);
  return true;
}

}  // namespace

std::string Contact::shown_name() const {
  if (name) return *name;
  if (book_name) return *book_name;
  if (profile_name) return *profile_name;
  return phone ? "+" + *phone : std::string();
}

Json to_json(const Contact& contact) {
  const std::string name = contact.shown_name();
  return {{"id", contact.id.text()},
          {"name", name},
          {"displayName", or_null(contact.name)},
          {"bookName", or_null(contact.book_name)},
          {"profileName", or_null(contact.profile_name)},
          {"username", or_null(contact.username)},
          {"phone", contact.phone ? Json("+" + *contact.phone) : Json()},
          {"waId", or_null(contact.phone)},
          {"userId", or_null(contact.user_id)},
          {"groupId", or_null(contact.group_id)},
          {"language", or_null(contact.language)},
          {"optedOut", contact.opted_out},
          {"marketingStopped", contact.marketing_stopped},
          {"marketingEmbargoUntil", contact.embargo_until ? Json(iso8601(*contact.embargo_until)) : Json()},
          {"fields", contact.fields},
          {"tags", contact.tags},
          {"mergedInto", contact.merged_into ? Json(contact.merged_into->text()) : Json()},
          {"createdAt", iso8601(contact.created_at)},
          {"updatedAt", iso8601(contact.updated_at)}};
}

std::optional<Contact> find_contact(sql::Connection& connection, TenantId tenant, ContactId id, Lock lock) {
  static const LockableText kText(select_contacts() + "WHERE tenant_id = $1 AND id = $2");
  const auto rows = connection.run(kText.of(connection.engine(), lock), {tenant, id});
  if (rows.empty()) return std::nullopt;
  return read_contact(rows.front());
}

std::optional<Contact> surviving_contact(sql::Connection& connection, TenantId tenant, ContactId id) {
  auto contact = find_contact(connection, tenant, id);
  for (int merges = 0; contact && contact->merged_into && merges < kMostMerges; ++merges)
    contact = find_contact(connection, tenant, *contact->merged_into);
  return contact;
}

std::optional<ContactId> contact_of_alias(sql::Connection& connection, TenantId tenant, const Alias& alias) {
  const auto rows =
      connection.run("SELECT contact_id FROM contact_alias WHERE tenant_id = $1 AND kind = $2 AND value = $3",
                     {tenant, name_of(alias.kind), alias.value});
  if (rows.empty()) return std::nullopt;
  return rows.front().id<ContactId>(0);
}

std::vector<Alias> aliases_of(sql::Connection& connection, TenantId tenant, ContactId id) {
  std::vector<Alias> aliases;
  const auto rows = connection.run(
      "SELECT kind, value FROM contact_alias WHERE tenant_id = $1 AND contact_id = $2 ORDER BY kind, value",
      {tenant, id});
  for (const auto row : rows) {
    if (const auto kind = alias_kind(row.text(0))) aliases.push_back({.kind = *kind, .value = row.text(1)});
  }
  return aliases;
}

Result<bool> add_alias(sql::Connection& connection, const Contact& contact, const Alias& alias, Time now) {
  const auto inserted = connection.run(
      "INSERT INTO contact_alias (tenant_id, kind, value, contact_id, created_at) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (tenant_id, kind, value) DO NOTHING",
      {contact.tenant, name_of(alias.kind), alias.value, contact.id, now});
  if (inserted.changed() > 0) return true;
  if (contact_of_alias(connection, contact.tenant, alias) == contact.id) return false;
  return fail(ErrorKind::Conflict, "another contact has this " + std::string(name_of(alias.kind)));
}

Result<Contact> create_contact(sql::Connection& connection, Contact contact, const std::vector<Alias>& aliases,
                               Time now) {
  contact.id = ContactId::make(now);
  contact.created_at = contact.updated_at = now;
  for (const auto& alias : aliases) {
    const auto added = add_alias(connection, contact, alias, now);
    if (!added) return fail(added.error());
  }
  connection.run(
      "INSERT INTO contact (tenant_id, id, name, profile_name, username, phone, user_id, language, opted_out, "
      "marketing_stopped, fields, tags, created_at, updated_at, opt_said_at, group_id) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15)",
      {contact.tenant, contact.id, contact.name, contact.profile_name, contact.username, contact.phone, contact.user_id,
       contact.language, contact.opted_out, contact.marketing_stopped, sql::JsonText{dump(contact.fields)},
       sql::JsonText{dump(contact.tags)}, now, contact.opt_said_at, contact.group_id});
  count(connection, contact.tenant, "contacts", 1);
  tell(connection, "contact.created", contact, now);
  return contact;
}

bool update_contact(sql::Connection& connection, const Contact& contact, Time now) {
  const auto rows = connection.run(
      "UPDATE contact SET name = $3, profile_name = $4, username = $5, phone = $6, user_id = $7, language = $8, "
      "opted_out = $9, marketing_stopped = $10, fields = $11, tags = $12, updated_at = $13, marketing_said_at = $14, "
      "opt_said_at = $15, book_name = $16, book_said_at = $17, embargo_until = $18 WHERE tenant_id = $1 AND id = $2",
      {contact.tenant, contact.id, contact.name, contact.profile_name, contact.username, contact.phone, contact.user_id,
       contact.language, contact.opted_out, contact.marketing_stopped, sql::JsonText{dump(contact.fields)},
       sql::JsonText{dump(contact.tags)}, now, contact.marketing_said_at, contact.opt_said_at, contact.book_name,
       contact.book_said_at, contact.embargo_until});
  return tell_updated(connection, contact, rows, now);
}

bool update_identity(sql::Connection& connection, const Contact& contact, Time now) {
  const auto rows = connection.run(
      "UPDATE contact SET profile_name = $3, username = $4, phone = $5, user_id = $6, updated_at = $7 "
      "WHERE tenant_id = $1 AND id = $2",
      {contact.tenant, contact.id, contact.profile_name, contact.username, contact.phone, contact.user_id, now});
  return tell_updated(connection, contact, rows, now);
}

bool remove_alias(sql::Connection& connection, const Contact& contact, const Alias& alias) {
  return connection
             .run("DELETE FROM contact_alias WHERE tenant_id = $1 AND kind = $2 AND value = $3 AND contact_id = $4",
                  {contact.tenant, name_of(alias.kind), alias.value, contact.id})
             .changed() > 0;
}

std::vector<Contact> list_contacts(sql::Connection& connection, TenantId tenant, const Page& page) {
  static const std::string kText =
      select_contacts() +
      "WHERE tenant_id = $1 AND merged_into IS NULL ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3";
  std::vector<Contact> contacts;
  for (const auto row : connection.run(kText, {tenant, page.limit, page.offset})) contacts.push_back(read_contact(row));
  return contacts;
}

}  // namespace waypost::store
