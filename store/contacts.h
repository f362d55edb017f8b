// Contacts and their aliases: nobody needs a phone number to be a contact (law 13). Lane only.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "sql/connection.h"
#include "store/page.h"

namespace waypost::store {

// Phone numbers and wa_ids are one kind: digits without "+".
enum class AliasKind { Bsuid, ParentBsuid, Phone };
std::string_view name_of(AliasKind kind);  // "bsuid", "parent_bsuid", "phone"

struct Alias {
  AliasKind kind = AliasKind::Phone;
  std::string value{};
  bool operator==(const Alias&) const = default;
};

struct Contact {
  TenantId tenant{};
  ContactId id{};
  std::optional<std::string> name{};          // given by people
  std::optional<std::string> profile_name{};  // WhatsApp's
  std::optional<std::string> username{};
  std::optional<std::string> phone{};    // digits
  std::optional<std::string> user_id{};  // the newest BSUID
  std::optional<std::string> language{};
  bool opted_out = false;
  bool marketing_stopped = false;
  Json fields = Json::object();
  Json tags = Json::array();
  std::optional<ContactId> merged_into{};
  Time created_at{};
  Time updated_at{};

  // The name people gave, else the profile's, else the phone, else "".
  std::string shown_name() const;
};

// As the API and the events show it: name and displayName, phone ("+…") and waId (digits) …
Json to_json(const Contact& contact);

// Follows no merge: the row itself.
std::optional<Contact> find_contact(sql::Connection& connection, TenantId tenant, ContactId id);
std::optional<ContactId> contact_of_alias(sql::Connection& connection, TenantId tenant, const Alias& alias);
std::vector<Alias> aliases_of(sql::Connection& connection, TenantId tenant, ContactId id);

// Inserts the contact with its aliases, counts it and leaves contact.created. Conflict when an alias is taken.
Result<Contact> create_contact(sql::Connection& connection, Contact contact, const std::vector<Alias>& aliases,
                               Time now);
// Conflict when another contact has it; true when it was new.
Result<bool> add_alias(sql::Connection& connection, const Contact& contact, const Alias& alias, Time now);
// Writes every field but the aliases, and leaves contact.updated. False when it is not there.
bool update_contact(sql::Connection& connection, const Contact& contact, Time now);
// Newest first, merged ones left out.
std::vector<Contact> list_contacts(sql::Connection& connection, TenantId tenant, const Page& page);

}  // namespace waypost::store
