#include <algorithm>

#include "base/check.h"
#include "store/contacts.h"
#include "store/inbound.h"
#include "store/merge.h"

namespace waypost::store {
namespace {

// What an alias leads to, as much of the contact as a message of a known one needs.
struct Known {
  KnownAlias alias{};
  std::optional<std::string> profile_name{};
  std::optional<std::string> username{};
  bool opted_out = false;
};

std::optional<AliasKind> alias_kind(std::string_view name) {
  for (const auto kind : {AliasKind::Bsuid, AliasKind::ParentBsuid, AliasKind::Phone}) {
    if (name_of(kind) == name) return kind;
  }
  return std::nullopt;
}

void find_known(sql::Connection& connection, TenantId tenant, const Sighting& shown, std::vector<Known>& known) {
  static const std::string kOne =
      "SELECT a.kind, a.value, c.id, c.created_at, c.profile_name, c.username, c.opted_out FROM contact_alias AS a "
      "JOIN contact AS c ON c.tenant_id = a.tenant_id AND c.id = a.contact_id WHERE a.tenant_id = $1 AND ";
  static const std::string kText = kOne + "a.kind = 'bsuid' AND a.value = $2 UNION ALL " + kOne +
                                   "a.kind = 'phone' AND a.value = $3 UNION ALL " + kOne +
                                   "a.kind = 'parent_bsuid' AND a.value = $4";
  for (const auto row : connection.run(kText, {tenant, shown.user_id, shown.phone, shown.parent_user_id})) {
    const auto kind = alias_kind(row.text(0));
    WAYPOST_CHECK(kind.has_value());
    known.push_back({.alias = {.alias = {.kind = *kind, .value = row.text(1)},
                               .contact = row.id<ContactId>(2),
                               .contact_created = row.time(3)},
                     .profile_name = row.maybe_text(4),
                     .username = row.maybe_text(5),
                     .opted_out = row.boolean(6)});
  }
}

std::vector<KnownAlias> aliases_in(const std::vector<Known>& known) {
  std::vector<KnownAlias> aliases;
  for (const auto& one : known) aliases.push_back(one.alias);
  return aliases;
}

// The ids by which the person goes from now on, and the names.
const Sighting& present_ids(const Inbound& inbound) { return inbound.change ? inbound.change->after : inbound.sender; }

void take_ids(Contact& contact, const Sighting& ids) {
  if (ids.user_id) contact.user_id = ids.user_id;
  if (ids.phone) contact.phone = ids.phone;
}

bool take_names(Contact& contact, const Sighting& shown) {
  const auto before = std::pair(contact.profile_name, contact.username);
  if (shown.profile_name) contact.profile_name = shown.profile_name;
  if (shown.username) contact.username = shown.username;
  return before != std::pair(contact.profile_name, contact.username);
}

bool names_differ(const Known& known, const Sighting& shown) {
  return (shown.profile_name && shown.profile_name != known.profile_name) ||
         (shown.username && shown.username != known.username);
}

// Another lane's transaction took an alias between our look and our insert: the unit runs again and sees it.
[[noreturn]] void run_again() {
  throw sql::Fault(sql::FaultKind::Contention, "an alias was taken by another transaction");
}

Recognised make_person(sql::Connection& connection, const Inbound& inbound, const std::vector<Alias>& aliases,
                       Time now) {
  Contact contact{.tenant = inbound.message.tenant};
  take_ids(contact, inbound.sender);
  take_ids(contact, present_ids(inbound));
  take_names(contact, inbound.sender);
  const auto made = create_contact(connection, std::move(contact), aliases, now);
  if (!made) run_again();
  return {.contact = made->id, .opted_out = made->opted_out};
}

// Adds what the contact lacks, and takes in those who turned out to be the same person.
Recognised complete_person(sql::Connection& connection, const Inbound& inbound, const IdentityPlan& plan, Time now) {
  const TenantId tenant = inbound.message.tenant;
  Recognised person{.contact = *plan.contact};
  for (const auto& other : plan.merge) {
    const auto survivor = find_contact(connection, tenant, *plan.contact);
    const auto lost = find_contact(connection, tenant, other);
    WAYPOST_CHECK(survivor && lost);
    const auto touched = merge_contacts(connection, *survivor, *lost, now);
    person.touched.insert(person.touched.end(), touched.begin(), touched.end());
  }
  auto contact = find_contact(connection, tenant, *plan.contact);
  WAYPOST_CHECK(contact.has_value());
  for (const auto& alias : plan.add) {
    if (!add_alias(connection, *contact, alias, now)) run_again();
  }
  const bool grew = !plan.add.empty() || !plan.merge.empty();
  if (grew) take_ids(*contact, present_ids(inbound));
  if (take_names(*contact, inbound.sender) || grew) update_contact(connection, *contact, now);
  person.opted_out = contact->opted_out;
  return person;
}

IdentityPlan plan_for(const Inbound& inbound, const std::vector<Known>& known) {
  if (inbound.change) return plan_identity_change(*inbound.change, aliases_in(known));
  return plan_identity(inbound.sender.aliases(), aliases_in(known));
}

std::vector<Known> known_to(sql::Connection& connection, const Inbound& inbound) {
  std::vector<Known> known;
  const TenantId tenant = inbound.message.tenant;
  if (!inbound.change) {
    find_known(connection, tenant, inbound.sender, known);
    return known;
  }
  find_known(connection, tenant, inbound.change->before, known);
  const std::size_t before = known.size();
  find_known(connection, tenant, inbound.change->after, known);
  const auto twice = [&](const Known& one) {
    return std::any_of(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(before),
                       [&](const Known& other) { return other.alias.alias == one.alias.alias; });
  };
  known.erase(std::remove_if(known.begin() + static_cast<std::ptrdiff_t>(before), known.end(), twice), known.end());
  return known;
}

}  // namespace

Recognised recognise(sql::Connection& connection, const Inbound& inbound, Time now) {
  const auto known = known_to(connection, inbound);
  const auto plan = plan_for(inbound, known);
  if (!plan.contact) return make_person(connection, inbound, plan.add, now);
  const bool complete = plan.add.empty() && plan.merge.empty() && !names_differ(known.front(), inbound.sender);
  if (!complete) return complete_person(connection, inbound, plan, now);
  return {.contact = *plan.contact, .opted_out = known.front().opted_out};
}

}  // namespace waypost::store
