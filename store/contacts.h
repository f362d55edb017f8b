// Contacts and their aliases: nobody needs a phone number to be a contact (law 13). Lane only.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "conversation/identity.h"
#include "sql/connection.h"
#include "store/page.h"
#include "store/row_lock.h"

namespace waypost::store {

using waypost::Alias;
using waypost::AliasKind;
using waypost::name_of;

struct Contact {
  TenantId tenant{};
  ContactId id{};
  std::optional<std::string> name{};          // given by people
  std::optional<std::string> book_name{};     // in the address book of the WhatsApp Business app
  std::optional<Time> book_said_at{};         // Meta's time of the last word on that
  std::optional<std::string> profile_name{};  // WhatsApp's; of a group its subject
  std::optional<std::string> username{};
  std::optional<std::string> phone{};     // digits
  std::optional<std::string> user_id{};   // the newest BSUID
  std::optional<std::string> group_id{};  // it is a group, not a person
  std::optional<std::string> language{};
  bool opted_out = false;
  std::optional<Time>
      opt_said_at{};  // the last word on it: Meta's time of a stop or start, or ours of a person's change
  bool marketing_stopped = false;
  std::optional<Time> marketing_said_at{};  // when they said so to WhatsApp, Meta's time
  std::optional<Time> embargo_until{};      // no marketing before: Meta refused one (131049)
  Json fields = Json::object();
  Json tags = Json::array();
  std::optional<ContactId> merged_into{};
  Time created_at{};
  Time updated_at{};

  // The name people gave, else the address book's, else the profile's, else the phone, else "".
  std::string shown_name() const;
};

// As the API and the events show it: name and displayName, phone ("+…") and waId (digits) …
Json to_json(const Contact& contact);

// Follows no merge: the row itself.
std::optional<Contact> find_contact(sql::Connection& connection, TenantId tenant, ContactId id, Lock lock = Lock::None);
// The contact, or the one that it was merged into; nothing when it is gone.
std::optional<Contact> surviving_contact(sql::Connection& connection, TenantId tenant, ContactId id);
std::optional<ContactId> contact_of_alias(sql::Connection& connection, TenantId tenant, const Alias& alias);
std::vector<Alias> aliases_of(sql::Connection& connection, TenantId tenant, ContactId id);

// Inserts the contact with its aliases, counts it and leaves contact.created. Conflict when an alias is taken.
Result<Contact> create_contact(sql::Connection& connection, Contact contact, const std::vector<Alias>& aliases,
                               Time now);
// Conflict when another contact has it; true when it was new. The caller holds the contact's row, as for all that
// follows.
Result<bool> add_alias(sql::Connection& connection, const Contact& contact, const Alias& alias, Time now);
// Writes every field but the aliases, and leaves contact.updated. False when it is not there.
bool update_contact(sql::Connection& connection, const Contact& contact, Time now);
// The same of what WhatsApp says of a person: profile_name, username, phone, user_id.
bool update_identity(sql::Connection& connection, const Contact& contact, Time now);
// Lets the alias go to whom it belongs to now. False when the contact has not got it.
bool remove_alias(sql::Connection& connection, const Contact& contact, const Alias& alias);
// Erases the contact and those merged into it, with their aliases, conversations, messages, triggers, runs and steps,
// and leaves contact.deleted with nothing but the id. Seen ids stay: a repeated webhook brings nothing back. False when
// it is not there.
bool delete_contact(sql::Connection& connection, TenantId tenant, ContactId id, Time now);
// Newest first, merged ones left out.
std::vector<Contact> list_contacts(sql::Connection& connection, TenantId tenant, const Page& page);

}  // namespace waypost::store
