#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "store/contacts.h"
#include "store/counters.h"
#include "store/events.h"
#include "store/idempotency.h"
#include "store/locks.h"
#include "store/media_files.h"
#include "store/message_marks.h"
#include "store/portfolio.h"
#include "store/run_counts.h"

namespace waypost::store {
namespace {

// The contact and all that were merged into it, by id.
std::vector<ContactId> family_of(sql::Connection& connection, TenantId tenant, ContactId id) {
  std::vector<ContactId> family{id};
  for (std::size_t at = 0; at < family.size(); ++at) {
    const auto merged =
        connection.run("SELECT id FROM contact WHERE tenant_id = $1 AND merged_into = $2 AND merged_into IS NOT NULL",
                       {tenant, family[at]});
    for (const auto row : merged) {
      const auto one = row.id<ContactId>(0);
      if (std::ranges::find(family, one) == family.end()) family.push_back(one);
    }
  }
  std::ranges::sort(family);
  return family;
}

struct Family {
  std::vector<ContactId> contacts{};
  std::int64_t conversations = 0;  // that are counted
};

// Nobody joins a family whose contacts are held, and nobody opens a conversation of theirs.
Family lock_family(sql::Connection& connection, const Contact& head) {
  Family family{.contacts = family_of(connection, head.tenant, head.id)};
  for (const auto& contact : lock_contacts(connection, head.tenant, family.contacts)) {
    if (contact.id == head.id && contact.merged_into != head.merged_into) run_again("a contact was merged meanwhile");
  }
  if (family_of(connection, head.tenant, head.id) != family.contacts) run_again("a contact was merged meanwhile");
  std::vector<ConversationId> ids;
  for (const auto& contact : family.contacts) {
    const auto rows =
        connection.run("SELECT id FROM conversation WHERE tenant_id = $1 AND contact_id = $2", {head.tenant, contact});
    for (const auto row : rows) ids.push_back(row.id<ConversationId>(0));
  }
  std::ranges::sort(ids);
  for (const auto& id : ids) {
    const auto conversation = find_conversation(connection, head.tenant, id, Lock::UntilCommit);
    if (conversation && !conversation->merged_into) ++family.conversations;
  }
  return family;
}

struct Erased {
  std::int64_t contacts = 0;
  std::vector<std::string> runs{};  // their statuses
};

// What they said in groups of others' messages. A preview that may be theirs goes, too.
void erase_words_in_groups(sql::Connection& connection, TenantId tenant, ContactId contact) {
  drop_words_in_groups(connection, tenant, contact);
  connection.run(
      "UPDATE conversation SET last_message_text = NULL WHERE tenant_id = $1 AND id IN (SELECT conversation_id FROM "
      "message WHERE tenant_id = $1 AND participant_id = $2 AND participant_id IS NOT NULL)",
      {tenant, contact});
}

// What they wrote in groups, what is said of them there, and, of a group, the group.
void erase_in_groups(sql::Connection& connection, std::initializer_list<sql::Value> of) {
  connection.run("DELETE FROM message WHERE tenant_id = $1 AND participant_id = $2", of);
  connection.run(
      "DELETE FROM message_recipient WHERE tenant_id = $1 AND participant IN (SELECT value FROM contact_alias WHERE "
      "tenant_id = $1 AND contact_id = $2)",
      of);
  connection.run(
      "DELETE FROM message_recipient WHERE tenant_id = $1 AND message_id IN (SELECT id FROM message WHERE tenant_id = "
      "$1 AND conversation_id IN (SELECT id FROM conversation WHERE tenant_id = $1 AND contact_id = $2))",
      of);
  connection.run("DELETE FROM group_participant WHERE tenant_id = $1 AND contact_id = $2", of);
  connection.run(
      "DELETE FROM group_participant WHERE tenant_id = $1 AND group_id IN (SELECT group_id FROM chat_group WHERE "
      "tenant_id = $1 AND contact_id = $2)",
      of);
  connection.run("DELETE FROM chat_group WHERE tenant_id = $1 AND contact_id = $2", of);
}

// What hangs on one contact's row, children before parents. The run's trigger and steps are found by their parents, so
// they go first.
Erased erase_row(sql::Connection& connection, TenantId tenant, ContactId contact, Time now) {
  const std::initializer_list<sql::Value> of{tenant, contact};
  erase_media(connection, tenant, contact, now);
  erase_words_in_groups(connection, tenant, contact);
  erase_in_groups(connection, of);
  drop_reached(connection, tenant, contact);
  connection.run(
      "DELETE FROM message_exchange WHERE tenant_id = $1 AND message_id IN (SELECT id FROM message WHERE tenant_id = "
      "$1 "
      "AND conversation_id IN (SELECT id FROM conversation WHERE tenant_id = $1 AND contact_id = $2))",
      of);
  connection.run(
      "DELETE FROM message WHERE tenant_id = $1 AND conversation_id IN "
      "(SELECT id FROM conversation WHERE tenant_id = $1 AND contact_id = $2)",
      of);
  erase_answers(connection, tenant, contact);
  connection.run(
      "DELETE FROM phone_call WHERE tenant_id = $1 AND conversation_id IN "
      "(SELECT id FROM conversation WHERE tenant_id = $1 AND contact_id = $2)",
      of);
  connection.run(
      "DELETE FROM message_mark WHERE tenant_id = $1 AND conversation_id IN "
      "(SELECT id FROM conversation WHERE tenant_id = $1 AND contact_id = $2)",
      of);
  connection.run(
      "DELETE FROM free_entry WHERE tenant_id = $1 AND conversation_id IN "
      "(SELECT id FROM conversation WHERE tenant_id = $1 AND contact_id = $2)",
      of);
  connection.run(
      "DELETE FROM run_trigger WHERE tenant_id = $1 AND conversation_id IN "
      "(SELECT id FROM conversation WHERE tenant_id = $1 AND contact_id = $2)",
      of);
  connection.run(
      "DELETE FROM step WHERE tenant_id = $1 AND run_id IN (SELECT id FROM run WHERE tenant_id = $1 AND contact_id = "
      "$2)",
      of);
  auto runs =
      statuses_in(connection.run("DELETE FROM run WHERE tenant_id = $1 AND contact_id = $2 RETURNING status", of));
  connection.run("DELETE FROM node_count WHERE tenant_id = $1 AND subject = $2", of);
  connection.run(
      "DELETE FROM work_failure WHERE tenant_id = $1 AND conversation_id IN "
      "(SELECT id FROM conversation WHERE tenant_id = $1 AND contact_id = $2)",
      of);
  connection.run("DELETE FROM broadcast_recipient WHERE tenant_id = $1 AND contact_id = $2", of);
  connection.run("DELETE FROM conversation WHERE tenant_id = $1 AND contact_id = $2", of);
  connection.run("DELETE FROM contact_alias WHERE tenant_id = $1 AND contact_id = $2", of);
  const auto gone = connection.run("DELETE FROM contact WHERE tenant_id = $1 AND id = $2", of).changed();
  return {.contacts = gone, .runs = std::move(runs)};
}

}  // namespace

bool delete_contact(sql::Connection& connection, TenantId tenant, ContactId id, Time now) {
  const auto contact = find_contact(connection, tenant, id);
  if (!contact) return false;
  const auto family = lock_family(connection, *contact);
  std::vector<std::string> runs;
  bool gone = false;
  for (const auto& one : family.contacts) {
    auto erased = erase_row(connection, tenant, one, now);
    std::ranges::move(erased.runs, std::back_inserter(runs));
    if (one == id) gone = erased.contacts > 0;
  }
  uncount_runs(connection, tenant, runs);
  if (family.conversations > 0) count(connection, tenant, "conversations", -family.conversations);
  if (!gone) return false;
  if (!contact->merged_into) count(connection, tenant, "contacts", -1);
  const std::string payload = dump({{"contact", {{"id", id.text()}}}});
  append_event(connection, tenant, {.type = "contact.deleted", .conversation = std::nullopt, .payload = payload}, now);
  return true;
}

}  // namespace waypost::store
