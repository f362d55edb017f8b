#include <algorithm>

#include "base/check.h"
#include "store/contacts.h"
#include "store/inbound.h"
#include "store/locks.h"
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

// An alias of nobody would keep its person from ever being recognised.
void drop_orphan(sql::Connection& connection, TenantId tenant, const sql::Row& row) {
  connection.run("DELETE FROM contact_alias WHERE tenant_id = $1 AND kind = $2 AND value = $3 AND contact_id = $4",
                 {tenant, row.text(0), row.text(1), row.id<ContactId>(2)});
}

// An alias is moved by the merge of its contact; should one have been left, it leads to the survivor.
std::optional<Known> known_survivor(sql::Connection& connection, TenantId tenant, const Alias& alias, ContactId lost) {
  const auto contact = surviving_contact(connection, tenant, lost);
  if (!contact || contact->merged_into) return std::nullopt;
  return Known{.alias = {.alias = alias, .contact = contact->id, .contact_created = contact->created_at},
               .profile_name = contact->profile_name,
               .username = contact->username,
               .opted_out = contact->opted_out};
}

std::optional<Known> read_known(sql::Connection& connection, TenantId tenant, const sql::Row& row) {
  const auto kind = alias_kind(row.text(0));
  WAYPOST_CHECK(kind.has_value());
  const Alias alias{.kind = *kind, .value = row.text(1)};
  if (row.is_null(3)) return std::nullopt;
  if (!row.is_null(7)) return known_survivor(connection, tenant, alias, row.id<ContactId>(2));
  return Known{.alias = {.alias = alias, .contact = row.id<ContactId>(2), .contact_created = row.time(3)},
               .profile_name = row.maybe_text(4),
               .username = row.maybe_text(5),
               .opted_out = row.boolean(6)};
}

// As they stand in the answer's columns.
const std::string& select_known() {
  static const std::string kText =
      "SELECT a.kind, a.value, a.contact_id, c.created_at, c.profile_name, c.username, c.opted_out, c.merged_into "
      "FROM contact_alias AS a LEFT JOIN contact AS c ON c.tenant_id = a.tenant_id AND c.id = a.contact_id ";
  return kText;
}

void find_known(sql::Connection& connection, TenantId tenant, const Sighting& shown, std::vector<Known>& known) {
  static const std::string kOne = select_known() + "WHERE a.tenant_id = $1 AND ";
  static const std::string kText = kOne + "a.kind = 'bsuid' AND a.value = $2 UNION ALL " + kOne +
                                   "a.kind = 'phone' AND a.value = $3 UNION ALL " + kOne +
                                   "a.kind = 'parent_bsuid' AND a.value = $4";
  for (const auto row : connection.run(kText, {tenant, shown.user_id, shown.phone, shown.parent_user_id})) {
    if (auto one = read_known(connection, tenant, row)) {
      known.push_back(*std::move(one));
    } else {
      drop_orphan(connection, tenant, row);
    }
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

constexpr std::string_view kAliasTaken = "an alias was taken by another transaction";

Recognised make_person(sql::Connection& connection, const Inbound& inbound, const std::vector<Alias>& aliases,
                       Time now) {
  Contact contact{.tenant = inbound.message.tenant};
  take_ids(contact, inbound.sender);
  take_ids(contact, present_ids(inbound));
  take_names(contact, inbound.sender);
  const auto made = create_contact(connection, std::move(contact), aliases, now);
  if (!made) run_again(kAliasTaken);
  return {.contact = made->id, .opted_out = made->opted_out};
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

bool says_nothing_new(const Inbound& inbound, const IdentityPlan& plan, const std::vector<Known>& known) {
  return plan.contact && plan.add.empty() && plan.merge.empty() && !names_differ(known.front(), inbound.sender);
}

// Of many at once. Nothing for whom this is not the whole answer: the person changes ids, or an alias leads to a
// contact that is gone or merged.
std::vector<std::optional<std::vector<Known>>> find_known(sql::Connection& connection,
                                                          std::span<const Inbound* const> inbounds) {
  // LATERAL … LIMIT 1: each alias is looked up in its index, however few rows the planner believes there are.
  static const std::string kText =
      "SELECT found.*, asked.asker FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS asked(tenant, kind, value, asker, "
      "place) CROSS JOIN LATERAL (" +
      select_known() +
      "WHERE a.tenant_id = asked.tenant AND a.kind = asked.kind AND a.value = asked.value LIMIT 1) AS found "
      "ORDER BY asked.place";
  std::vector<std::optional<std::vector<Known>>> known(inbounds.size());
  std::vector<Alias> aliases;
  std::vector<sql::Value> tenants;
  std::vector<sql::Value> askers;
  for (std::size_t at = 0; at < inbounds.size(); ++at) {
    if (inbounds[at]->change) continue;
    known[at].emplace();
    for (auto& alias : inbounds[at]->sender.aliases()) {
      aliases.push_back(std::move(alias));
      tenants.emplace_back(inbounds[at]->message.tenant);
      askers.emplace_back(at);
    }
  }
  std::vector<sql::Value> kinds;
  std::vector<sql::Value> values;
  for (const auto& alias : aliases) {
    kinds.emplace_back(name_of(alias.kind));
    values.emplace_back(alias.value);
  }
  using sql::Type;
  using sql::Value;
  const auto rows = connection.run(kText, {Value::array(Type::Uuid, tenants), Value::array(Type::Text, kinds),
                                           Value::array(Type::Text, values), Value::array(Type::Bigint, askers)});
  for (const auto row : rows) {
    auto& of_one = known[static_cast<std::size_t>(row.number(8))];
    const bool gone = row.is_null(3) || !row.is_null(7);
    if (!of_one) continue;
    if (gone) {
      of_one.reset();
      continue;
    }
    of_one->push_back(*read_known(connection, inbounds[static_cast<std::size_t>(row.number(8))]->message.tenant, row));
  }
  return known;
}

// Whoever changes what hangs on contacts holds their rows. By then they may be others' aliases, or merged: what is
// planned anew must be what was planned.
void hold_planned(sql::Connection& connection, const Inbound& inbound, const IdentityPlan& plan) {
  auto contacts = plan.merge;
  contacts.push_back(*plan.contact);
  lock_contacts(connection, inbound.message.tenant, std::move(contacts));
  if (plan_for(inbound, known_to(connection, inbound)) != plan) run_again("who a person is was changed meanwhile");
}

// Adds what the contact lacks, and takes in those who turned out to be the same person.
Recognised complete_person(sql::Connection& connection, const Inbound& inbound, const IdentityPlan& plan, Time now) {
  const TenantId tenant = inbound.message.tenant;
  hold_planned(connection, inbound, plan);
  Recognised person{.contact = *plan.contact, .merged = !plan.merge.empty()};
  for (const auto& other : plan.merge) {
    const auto touched = merge_contacts(connection, {.tenant = tenant, .survivor = *plan.contact, .lost = other}, now);
    person.touched.insert(person.touched.end(), touched.begin(), touched.end());
  }
  auto contact = find_contact(connection, tenant, *plan.contact);
  if (!contact) run_again("a contact was erased by another transaction");
  for (const auto& alias : plan.add) {
    if (!add_alias(connection, *contact, alias, now)) run_again(kAliasTaken);
  }
  const bool grew = !plan.add.empty() || !plan.merge.empty();
  if (grew) take_ids(*contact, present_ids(inbound));
  if (take_names(*contact, inbound.sender) || grew) update_identity(connection, *contact, now);
  person.opted_out = contact->opted_out;
  return person;
}

}  // namespace

Recognised recognise(sql::Connection& connection, const Inbound& inbound, Time now) {
  const auto known = known_to(connection, inbound);
  const auto plan = plan_for(inbound, known);
  if (!plan.contact) return make_person(connection, inbound, plan.add, now);
  if (!says_nothing_new(inbound, plan, known)) return complete_person(connection, inbound, plan, now);
  return {.contact = *plan.contact, .opted_out = known.front().opted_out};
}

std::vector<std::optional<Recognised>> recognise_known(sql::Connection& connection,
                                                       std::span<const Inbound* const> inbounds) {
  const auto found = find_known(connection, inbounds);
  std::vector<std::optional<Recognised>> people(inbounds.size());
  for (std::size_t at = 0; at < inbounds.size(); ++at) {
    const auto& known = found[at];
    if (!known || known->empty()) continue;
    const auto plan = plan_for(*inbounds[at], *known);
    if (says_nothing_new(*inbounds[at], plan, *known))
      people[at] = Recognised{.contact = *plan.contact, .opted_out = known->front().opted_out};
  }
  return people;
}

}  // namespace waypost::store
